package io.stillframe.guest;

/**
 * A job on a disk: what it has done of what there is to do.
 *
 * @param done bytes (or QEMU's own units) done so far
 * @param total the same unit; may grow while the guest writes
 */
public record BlockJob(Kind kind, long done, long total) {
    /** libvirt's {@code virDomainBlockJobType}. */
    public enum Kind {
        PULL,
        COPY,
        COMMIT,
        ACTIVE_COMMIT,
        BACKUP,
        OTHER
    }

    /** Whether an active commit has caught up and waits for its pivot. */
    public boolean ready() {
        return total > 0 && done == total;
    }
}
