package io.stillframe.orchestrator.workflow;

import io.stillframe.guest.Domain;
import io.stillframe.guest.Hypervisor;
import io.stillframe.orchestrator.lease.Guard;
import io.stillframe.storage.SnapshotStore;
import io.stillframe.storage.StorageDriver;
import java.util.List;
import java.util.OptionalLong;

/**
 * The way to the machines: the hypervisor, the drivers that a machine's disks may need, the stores of its snapshots, and
 * what guards their guests.
 */
public record Machines(Hypervisor hypervisor, Drivers drivers, Stores stores, Guard guard) {
    /** Makes the storage drivers for a machine, in the order in which they are asked. */
    @FunctionalInterface
    public interface Drivers {
        List<StorageDriver> of(Domain domain);
    }

    /** Makes the stores of a machine's snapshots: one for each driver, of the same name. */
    @FunctionalInterface
    public interface Stores {
        /**
         * Those of a machine.
         *
         * @param bytesPerSecond how fast at most data is moved on behalf of one snapshot; empty for no limit of ours
         */
        List<SnapshotStore> of(Domain domain, OptionalLong bytesPerSecond);
    }
}
