package io.stillframe.orchestrator.workflow;

import io.stillframe.guest.Domain;
import io.stillframe.guest.Hypervisor;
import io.stillframe.orchestrator.lease.Guard;
import io.stillframe.storage.StorageDriver;
import java.util.List;

/** The way to the machines: the hypervisor, the drivers that a machine's disks may need, and what guards their guests. */
public record Machines(Hypervisor hypervisor, Drivers drivers, Guard guard) {
    /** Makes the storage drivers for a machine, in the order in which they are asked. */
    @FunctionalInterface
    public interface Drivers {
        List<StorageDriver> of(Domain domain);
    }
}
