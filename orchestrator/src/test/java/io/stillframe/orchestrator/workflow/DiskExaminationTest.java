package io.stillframe.orchestrator.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.guest.Disk;
import io.stillframe.guest.Domain;
import io.stillframe.guest.FakeGuest;
import io.stillframe.guest.FakeHypervisor;
import io.stillframe.storage.FormatDriver;
import io.stillframe.storage.StorageDriver;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DiskExaminationTest {
    @Test
    void the_volumes_of_a_mixed_machine_are_taken_in_the_order_of_the_drivers() {
        FakeGuest guest = new FakeGuest("db01");
        guest.disk(disk("vda", "qcow2")).disk(disk("vdb", "raw")).disk(disk("vdc", "qcow2"));
        List<StorageDriver> drivers = List.of(
                new FormatDriver("first", "raw"),
                new FormatDriver("unused", "vmdk"),
                new FormatDriver("last", "qcow2"));
        try (Domain domain = new FakeHypervisor(guest).domain("db01")) {
            DiskExamination examination = DiskExamination.of(domain, drivers, Set.of());
            assertThat(examination.volumes().keySet())
                    .extracting(StorageDriver::name)
                    .containsExactly("first", "last");
            assertThat(examination.volumes().get(drivers.get(2)))
                    .extracting(volume -> volume.disk())
                    .containsExactly("vda", "vdc");
        }
    }

    private static Disk disk(String target, String format) {
        return new Disk(
                target, "disk", "file", Optional.of("/images/" + target), format, false, true, "none", List.of());
    }
}
