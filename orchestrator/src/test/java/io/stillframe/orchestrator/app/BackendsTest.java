package io.stillframe.orchestrator.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.config.Settings;
import io.stillframe.guest.Domain;
import io.stillframe.guest.FakeGuest;
import io.stillframe.guest.FakeHypervisor;
import io.stillframe.orchestrator.lease.VirtualTiming;
import io.stillframe.storage.SnapshotStore;
import io.stillframe.storage.StorageDriver;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class BackendsTest {
    private final FakeHypervisor hypervisor = new FakeHypervisor(new FakeGuest("db01"));
    private final Backends backends = new Backends(Settings.DEFAULT, hypervisor, new VirtualTiming(), true);
    private final Domain domain = hypervisor.domain("db01");

    /** An overlay is the one thing that a machine has to be switched to: it is made last, when all others are taken. */
    @Test
    void every_driver_is_there_and_the_one_that_switches_the_machine_comes_last() {
        assertThat(backends.drivers(domain))
                .extracting(StorageDriver::name)
                .containsExactly("zfs", "lvm-thin", "lvm-thick", "qcow2");
    }

    @Test
    void what_one_can_take_one_can_also_keep() {
        assertThat(backends.stores(domain, OptionalLong.empty()))
                .extracting(SnapshotStore::name)
                .containsExactlyElementsOf(backends.drivers(domain).stream()
                        .map(StorageDriver::name)
                        .toList());
    }

    @Test
    void drivers_that_have_not_passed_everything_take_part_only_where_they_are_asked_for() {
        Backends cautious = new Backends(Settings.DEFAULT, hypervisor, new VirtualTiming(), false);
        assertThat(cautious.drivers(domain)).extracting(StorageDriver::name).containsExactly("qcow2");
        assertThat(cautious.stores(domain, OptionalLong.empty()))
                .extracting(SnapshotStore::name)
                .containsExactly("qcow2");
    }
}
