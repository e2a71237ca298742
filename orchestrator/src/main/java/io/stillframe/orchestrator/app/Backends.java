package io.stillframe.orchestrator.app;

import io.stillframe.config.Percent;
import io.stillframe.config.Settings;
import io.stillframe.guest.Domain;
import io.stillframe.guest.Hypervisor;
import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.storage.SnapshotStore;
import io.stillframe.storage.StorageDriver;
import io.stillframe.storage.exec.Commands;
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
 * The storage drivers of a machine and the stores of its snapshots, within the limits that are set. A disk is the first
 * driver's that says so: what lies on a logical volume or a pool is not looked at as an image file.
 */
record Backends(Settings settings, Hypervisor hypervisor, Timing timing, Commands commands) {
    List<StorageDriver> drivers(Domain domain) {
        String machine = machine(domain);
        ZfsDriver.Limits pools = new ZfsDriver.Limits(
                minimumFree(),
                settings.space().poolWarning().hundredths(),
                settings.space().poolLimit().hundredths());
        return List.of(
                new ZfsDriver(machine, commands, pools),
                new LvmThinDriver(commands, machine, thin()),
                new LvmThickDriver(commands, machine, new LvmThickDriver.Limits(cow(), warning())),
                new Qcow2Driver(
                        new DomainLayers(hypervisor, domain, timing),
                        commands,
                        new Qcow2Driver.Limits(minimumFree(), settings.limits().maximumChain())));
    }

    List<SnapshotStore> stores(Domain domain, OptionalLong bytesPerSecond) {
        String machine = machine(domain);
        Path views = settings.stateDir().resolve("open");
        return List.of(
                new ZfsStore(machine, commands, views),
                new LvmThinStore(commands, machine, thin()),
                new LvmThickStore(commands, machine),
                new Qcow2Store(
                        new DomainLayers(hypervisor, domain, timing),
                        commands,
                        new Qcow2Store.Options(minimumFree(), bytesPerSecond.orElse(0), views)));
    }

    private static String machine(Domain domain) {
        return domain.id().uuid().toString();
    }

    private LvmThinDriver.Limits thin() {
        double fullest = settings.space().poolLimit().share();
        return new LvmThinDriver.Limits(fullest, fullest, warning());
    }

    private double warning() {
        return settings.space().poolWarning().share();
    }

    private CowSize cow() {
        return settings.space().snapshotSize() instanceof Percent percent
                ? new CowSize.Percent(percent.hundredths())
                : new CowSize.Bytes(settings.space().snapshotSize().of(0));
    }

    private long minimumFree() {
        return settings.limits().minimumFree().bytes();
    }
}
