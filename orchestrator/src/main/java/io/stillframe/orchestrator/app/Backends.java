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
import java.util.List;
import java.util.OptionalLong;

/**
 * The storage drivers of a machine and the stores of its snapshots, within the limits that are set. Only a driver that has
 * passed the suite of all drivers on real storage, and a live guest on it, stands here: those for LVM and ZFS have not so
 * far.
 */
record Backends(Settings settings, Hypervisor hypervisor, Timing timing) {
    private static final Commands COMMANDS = new LocalCommands();

    List<StorageDriver> drivers(Domain domain) {
        return List.of(new Qcow2Driver(
                new DomainLayers(hypervisor, domain, timing),
                COMMANDS,
                new Qcow2Driver.Limits(minimumFree(), settings.limits().maximumChain())));
    }

    List<SnapshotStore> stores(Domain domain, OptionalLong bytesPerSecond) {
        return List.of(new Qcow2Store(
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
