package io.stillframe.orchestrator.app;

import io.stillframe.config.Amount;
import io.stillframe.config.ByteSize;
import io.stillframe.config.Percent;
import io.stillframe.config.Settings;
import io.stillframe.guest.Domain;
import io.stillframe.guest.Hypervisor;
import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.storage.SnapshotStore;
import io.stillframe.storage.StorageDriver;
import io.stillframe.storage.exec.Commands;
import io.stillframe.storage.exec.LocalCommands;
import io.stillframe.storage.lvm.CowSize;
import io.stillframe.storage.lvm.LvmThickDriver;
import io.stillframe.storage.lvm.LvmThickStore;
import io.stillframe.storage.lvm.LvmThinDriver;
import io.stillframe.storage.lvm.LvmThinStore;
import io.stillframe.storage.qcow2.Qcow2Driver;
import io.stillframe.storage.qcow2.Qcow2Store;
import io.stillframe.storage.zfs.ZfsDriver;
import io.stillframe.storage.zfs.ZfsStore;
import java.nio.file.Path;
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
        String machine = domain.id().uuid().toString();
        return List.of(
                new ZfsDriver(
                        machine,
                        COMMANDS,
                        new ZfsDriver.Limits(
                                minimumFree(),
                                settings.space().poolWarning().hundredths(),
                                settings.space().poolLimit().hundredths())),
                new LvmThinDriver(COMMANDS, machine, thinLimits()),
                new LvmThickDriver(COMMANDS, machine, new LvmThickDriver.Limits(cowSize())),
                new Qcow2Driver(
                        new DomainLayers(hypervisor, domain, timing),
                        COMMANDS,
                        new Qcow2Driver.Limits(minimumFree(), settings.limits().maximumChain())));
    }

    /** @param bytesPerSecond heeded by qcow2, which alone moves much data for a removal */
    List<SnapshotStore> stores(Domain domain, OptionalLong bytesPerSecond) {
        String machine = domain.id().uuid().toString();
        return List.of(
                new ZfsStore(machine, COMMANDS, views()),
                new LvmThinStore(COMMANDS, machine, thinLimits()),
                new LvmThickStore(COMMANDS, machine),
                new Qcow2Store(
                        new DomainLayers(hypervisor, domain, timing),
                        COMMANDS,
                        new Qcow2Store.Options(minimumFree(), bytesPerSecond.orElse(0), views())));
    }

    private Path views() {
        return settings.stateDir().resolve("open");
    }

    private long minimumFree() {
        return settings.limits().minimumFree().bytes();
    }

    private LvmThinDriver.Limits thinLimits() {
        double fullest = settings.space().poolLimit().share();
        return new LvmThinDriver.Limits(fullest, fullest);
    }

    private CowSize cowSize() {
        Amount size = settings.space().snapshotSize();
        return size instanceof Percent percent
                ? new CowSize.Percent(percent.hundredths())
                : new CowSize.Bytes(((ByteSize) size).bytes());
    }
}
