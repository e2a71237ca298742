package io.stillframe.orchestrator.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.config.Settings;
import io.stillframe.guest.Domain;
import io.stillframe.guest.FakeGuest;
import io.stillframe.guest.FakeHypervisor;
import io.stillframe.orchestrator.lease.VirtualTiming;
import io.stillframe.storage.Probe;
import io.stillframe.storage.SnapshotStore;
import io.stillframe.storage.StorageDriver;
import io.stillframe.storage.Volume;
import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackendsTest {
    private final FakeHypervisor hypervisor = new FakeHypervisor(new FakeGuest("db01"));
    private final Backends backends = new Backends(Settings.DEFAULT, hypervisor, new VirtualTiming(), this::refused);
    private final Domain domain = hypervisor.domain("db01");

    private final List<List<String>> given = new ArrayList<>();

    private Commands.Exit refused(List<String> argv, Duration limit) {
        given.add(argv);
        throw new CommandException("no command is to be run: " + argv);
    }

    /** A host whose LVM or ZFS is missing, hangs or fails is none the worse for a machine that has nothing there. */
    @ParameterizedTest
    @CsvSource({"raw, a.img", "qcow2, a.qcow2", "raw, dm-0"})
    void an_image_on_another_filesystem_costs_no_other_storage_a_question(
            String format, String name, @TempDir Path directory) throws IOException {
        Path image = Files.writeString(directory.resolve(name), "image");
        for (StorageDriver driver : backends.drivers(domain)) {
            if (!driver.name().equals("qcow2")) {
                Volume volume = new Volume("vda", "file", image.toString(), format, 1, true, "none");
                assertThat(driver.probe(volume)).as(driver.name()).isEqualTo(new Probe.NotMine());
            }
        }
        assertThat(given).isEmpty();
    }

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
}
