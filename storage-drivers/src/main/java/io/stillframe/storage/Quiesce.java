package io.stillframe.storage;

/** What stands between the guest's frozen filesystems and a snapshot that holds them. The driver decides by the domain's XML. */
public enum Quiesce {
    /** Nothing: the backend's snapshot holds what QEMU's completed writes were, wherever they are cached. */
    NOTHING,
    /** The backend sees a volume below this host's page cache, which QEMU writes through: it is synced first. */
    SYNC,
    /**
     * QEMU itself holds back what belongs to the volume (a format's metadata), or this volume's instant is not that of
     * the others: QEMU is paused, which drains and flushes all its disks ({@code virDomainSuspend}).
     */
    PAUSE
}
