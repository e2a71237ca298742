package io.stillframe.orchestrator.app;

import io.stillframe.guest.Domain;
import io.stillframe.guest.FakeHypervisor;
import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.storage.StorageDriver;
import io.stillframe.storage.exec.Commands;
import io.stillframe.storage.qcow2.Qcow2Driver;

/** The qcow2 driver wired to a domain as the program wires it. */
public final class Qcow2OfDomain {
    private Qcow2OfDomain() {}

    /** A driver that asks for no free space. */
    public static StorageDriver driver(Domain domain, Timing timing, Commands commands) {
        return new Qcow2Driver(
                new DomainLayers(new FakeHypervisor(), domain, timing), commands, new Qcow2Driver.Limits(0, 10));
    }
}
