package io.stillframe.orchestrator.app;

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
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * The storage drivers of a machine and the stores of its snapshots, within the limits that are set. A disk is the first
 * driver's that says so: what lies on a logical volume or a pool is not looked at as an image file.
 *
 * @param volumes whether those for LVM and ZFS take part; they have not been through all that every driver has to pass
 */
record Backends(Settings settings, Hypervisor hypervisor, Timing timing, boolean volumes) {
    /** Has the drivers for LVM and ZFS take part where it is {@code 1}. */
    static final String TRY_VOLUMES = "STILLFRAME_TRY_VOLUMES";

    private static final Commands COMMANDS = new LocalCommands();

    /** Whether whoever started this process wants the drivers for LVM and ZFS. */
    static boolean triesVolumes() {
        return "1".equals(System.getenv(TRY_VOLUMES));
    }

    List<StorageDriver> drivers(Domain domain) {
        String machine = machine(domain);
        List<StorageDriver> drivers = new ArrayList<>();
        if (volumes) {
            ZfsDriver.Limits pools = new ZfsDriver.Limits(
                    minimumFree(),
                    settings.space().poolWarning().hundredths(),
                    settings.space().poolLimit().hundredths());
            drivers.add(new ZfsDriver(machine, COMMANDS, pools));
            drivers.add(new LvmThinDriver(COMMANDS, machine, thin()));
            drivers.add(new LvmThickDriver(COMMANDS, machine, new LvmThickDriver.Limits(cow(), warning())));
        }
        drivers.add(new Qcow2Driver(
                new DomainLayers(hypervisor, domain, timing),
                COMMANDS,
                new Qcow2Driver.Limits(minimumFree(), settings.limits().maximumChain())));
        return List.copyOf(drivers);
    }

    List<SnapshotStore> stores(Domain domain, OptionalLong bytesPerSecond) {
        String machine = machine(domain);
        Path views = settings.stateDir().resolve("open");
        List<SnapshotStore> stores = new ArrayList<>();
        if (volumes) {
            stores.add(new ZfsStore(machine, COMMANDS, views));
            stores.add(new LvmThinStore(COMMANDS, machine, thin()));
            stores.add(new LvmThickStore(COMMANDS, machine));
        }
        stores.add(new Qcow2Store(
                new DomainLayers(hypervisor, domain, timing),
                COMMANDS,
                new Qcow2Store.Options(minimumFree(), bytesPerSecond.orElse(0), views)));
        return List.copyOf(stores);
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
