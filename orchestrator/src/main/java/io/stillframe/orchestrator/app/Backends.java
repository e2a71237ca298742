package io.stillframe.orchestrator.app;

import io.stillframe.config.Settings;
import io.stillframe.guest.Domain;
import io.stillframe.guest.Hypervisor;
import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.storage.SnapshotStore;
import io.stillframe.storage.StorageDriver;
import io.stillframe.storage.exec.Commands;
import io.stillframe.storage.exec.LocalCommands;
import io.stillframe.storage.qcow2.Qcow2Driver;
import io.stillframe.storage.qcow2.Qcow2Store;
import io.stillframe.storage.zfs.ZfsDriver;
import io.stillframe.storage.zfs.ZfsStore;
import java.util.List;
import java.util.OptionalLong;

/**
 * The storage drivers of a machine and the stores of its snapshots, within the limits that are set. An image file on a ZFS
 * dataset is both ZFS's and qcow2's: ZFS is asked first, for it leaves the machine's chain alone. The snapshots of a
 * machine that mixes storages are taken in this order, and qcow2's switch, which is the hardest to take back, comes last.
 */
record Backends(Settings settings, Hypervisor hypervisor, Timing timing) {
    private static final Commands COMMANDS = new LocalCommands();

    List<StorageDriver> drivers(Domain domain) {
        return List.of(
                new ZfsDriver(
                        domain.id().uuid().toString(),
                        COMMANDS,
                        new ZfsDriver.Limits(
                                minimumFree(),
                                settings.space().poolWarning().hundredths(),
                                settings.space().poolLimit().hundredths())),
                new Qcow2Driver(
                        new DomainLayers(hypervisor, domain, timing),
                        COMMANDS,
                        new Qcow2Driver.Limits(minimumFree(), settings.limits().maximumChain())));
    }

    /** @param bytesPerSecond heeded by qcow2, which alone moves much data for a removal */
    List<SnapshotStore> stores(Domain domain, OptionalLong bytesPerSecond) {
        return List.of(
                new ZfsStore(domain.id().uuid().toString(), COMMANDS),
                new Qcow2Store(
                        new DomainLayers(hypervisor, domain, timing),
                        COMMANDS,
                        new Qcow2Store.Options(
                                minimumFree(),
                                bytesPerSecond.orElse(0),
                                settings.stateDir().resolve("open"))));
    }

    private long minimumFree() {
        return settings.limits().minimumFree().bytes();
    }
}
