package io.stillframe.orchestrator.app;

import io.stillframe.guest.Domain;
import io.stillframe.guest.Hypervisor;
import io.stillframe.guest.libvirt.LibvirtHypervisor;
import io.stillframe.storage.Change;
import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Quiesce;
import io.stillframe.storage.Relatives;
import io.stillframe.storage.SnapshotStore;
import io.stillframe.storage.StorageDriver;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.exec.LocalCommands;
import io.stillframe.storage.qcow2.ActiveLayers;
import io.stillframe.storage.qcow2.Qcow2Driver;
import io.stillframe.storage.qcow2.Qcow2Store;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** A machine's qcow2 store, wired as the program wires it; as a program, one removal. */
public final class StoreOfDomain {
    private StoreOfDomain() {}

    /** A store that asks for no free space. */
    public static SnapshotStore of(Hypervisor hypervisor, Domain domain, long bytesPerSecond, Path views) {
        return new Qcow2Store(
                layers(hypervisor, domain), new LocalCommands(), new Qcow2Store.Options(0, bytesPerSecond, views));
    }

    /** The driver that goes with it. */
    public static StorageDriver driver(Hypervisor hypervisor, Domain domain) {
        return new Qcow2Driver(layers(hypervisor, domain), new LocalCommands(), new Qcow2Driver.Limits(0, 50));
    }

    /** What both of them see of the machine. */
    public static ActiveLayers layers(Hypervisor hypervisor, Domain domain) {
        return new DomainLayers(hypervisor, domain, new SystemTiming());
    }

    /**
     * Removes a snapshot, as said by machine, bytes per second, folder of views, disk, image, its format, the overlay above,
     * and where the overlay's content goes; prints each measure and the outcome.
     */
    public static void main(String[] args) {
        try (Hypervisor hypervisor = LibvirtHypervisor.open("qemu:///system", Duration.ofSeconds(30));
                Domain domain = hypervisor.domain(args[0])) {
            SnapshotStore store = of(hypervisor, domain, Long.parseLong(args[1]), Path.of(args[2]));
            VolumeSnapshot snapshot =
                    new VolumeSnapshot(args[3], store.name(), args[4], args[5], args[6], Quiesce.NOTHING);
            Meter meter = (done, total) -> System.out.println(done + "/" + total);
            Outcome outcome = store.remove(
                    snapshot,
                    new Change(args[3], args[7], args[4], args[5]),
                    new Relatives(List.of(), Set.of(args[6]), Set.of()),
                    meter);
            System.out.println(outcome);
        }
    }
}
