package io.stillframe.guest.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.stillframe.guest.Disk;
import io.stillframe.guest.DiskImage;
import io.stillframe.guest.DiskOverlay;
import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainId;
import io.stillframe.guest.DomainState;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LibvirtDomainTest {
    private final LibvirtHypervisor hypervisor = LibvirtHypervisor.open("test:///default", Duration.ofSeconds(20));
    private final Domain domain = hypervisor.domain("test");

    @AfterEach
    void closeAll() {
        domain.close();
        hypervisor.close();
    }

    @Test
    void suspend_and_resume_are_done_when_the_machine_is_there_already() {
        assertThat(domain.state()).isEqualTo(DomainState.RUNNING);
        domain.suspend();
        domain.suspend();
        assertThat(domain.state()).isEqualTo(DomainState.PAUSED);
        domain.resume();
        domain.resume();
        assertThat(domain.state()).isEqualTo(DomainState.RUNNING);
    }

    @Test
    void a_machine_that_is_off_is_neither_paused_nor_resumed() throws Exception {
        try (PretendedHost host = new PretendedHost()) {
            host.powerOff("test");

            assertThat(domain.state()).isEqualTo(DomainState.SHUT_OFF);
            for (Runnable refused : List.<Runnable>of(domain::suspend, domain::resume)) {
                assertThatExceptionOfType(GuestException.class)
                        .isThrownBy(refused::run)
                        .matches(e -> !e.failure().effectUnknown());
            }
            host.powerOn("test");
        }
    }

    @Test
    void the_disks_are_those_of_its_definition() {
        assertThat(domain.disks()).extracting(Disk::target).containsExactly("vda");
        assertThat(domain.definedDisks()).extracting(Disk::target).containsExactly("vda");
        assertThat(domain.persistent()).isTrue();
    }

    @Test
    void what_was_written_is_told_by_disk_and_of_a_machine_that_is_off_there_is_none() throws Exception {
        assertThat(domain.written()).containsOnlyKeys("vda");
        assertThat(domain.written().get("vda")).isNotNegative();
        try (PretendedHost host = new PretendedHost()) {
            host.powerOff("test");
            assertThat(domain.written()).isEmpty();
            host.powerOn("test");
        }
    }

    @Test
    void a_machine_whose_definition_lists_no_keyboard_has_none() {
        assertThat(domain.hasKeyboard()).isFalse();
    }

    @Test
    void what_the_driver_cannot_do_is_unsupported() {
        assertThatExceptionOfType(GuestException.class)
                .isThrownBy(() -> domain.commitActive("vda", Path.of("/a"), Path.of("/b"), 0))
                .matches(e -> e.failure() == GuestFailure.UNSUPPORTED)
                .withMessageStartingWith("commit of vm 'test': ");
    }

    @Test
    void a_machine_that_is_off_is_given_other_images_and_a_running_one_is_not() throws Exception {
        DiskImage image = new DiskImage("vda", DiskImage.Kind.FILE, Path.of("/srv/new.qcow2"), "qcow2");
        List<Disk> before = domain.definedDisks();
        assertThatExceptionOfType(GuestException.class)
                .isThrownBy(() -> domain.redefine(List.of(image)))
                .matches(e -> e.failure() == GuestFailure.REJECTED);
        assertThat(domain.definedDisks()).isEqualTo(before);
        try (PretendedHost host = new PretendedHost()) {
            host.powerOff("test");
            domain.redefine(List.of(image));
            assertThat(domain.definedDisks()).extracting(Disk::source).containsExactly(Optional.of("/srv/new.qcow2"));
            domain.redefine(List.of(new DiskImage(
                    "vda",
                    DiskImage.Kind.FILE,
                    Path.of(before.get(0).source().orElseThrow()),
                    before.get(0).format())));
            host.powerOn("test");
        }
        assertThat(domain.definedDisks()).isEqualTo(before);
    }

    @Test
    void a_clone_is_another_machine_that_is_off_and_goes_without_a_trace() {
        DomainId clone = new DomainId(UUID.randomUUID(), "a copy");
        DiskImage image = new DiskImage("vda", DiskImage.Kind.FILE, Path.of("/srv/copy.raw"), "raw");
        List<String> planned = domain.planClone(clone, List.of(image), Domain.OtherDisks.LEFT_OUT);
        assertThat(hypervisor.domains()).doesNotContain(clone);
        for (int i = 0; i < 2; i++) {
            assertThat(domain.defineClone(clone, List.of(image), Domain.OtherDisks.LEFT_OUT))
                    .isEqualTo(planned);
        }
        DiskImage missing = new DiskImage("vdz", DiskImage.Kind.FILE, Path.of("/srv/copy.raw"), "raw");
        assertThatExceptionOfType(GuestException.class)
                .isThrownBy(() -> domain.planClone(clone, List.of(missing), Domain.OtherDisks.LEFT_OUT))
                .matches(e -> e.failure() == GuestFailure.UNSUPPORTED);
        try (Domain made = hypervisor.domain(clone)) {
            assertThat(made.state()).isEqualTo(DomainState.SHUT_OFF);
            assertThat(made.id()).isEqualTo(clone);
            assertThat(made.disks()).extracting(Disk::source).containsExactly(Optional.of("/srv/copy.raw"));
        }
        assertThat(hypervisor.disks().get(clone))
                .extracting(Disk::source)
                .containsExactly(Optional.of("/srv/copy.raw"));
        assertThat(hypervisor.disks()).containsKey(domain.id());
        hypervisor.undefine(clone);
        hypervisor.undefine(clone);
        assertThat(hypervisor.domains()).contains(domain.id()).doesNotContain(clone);
    }

    @Test
    void a_machine_that_runs_keeps_its_definition() {
        assertThatExceptionOfType(GuestException.class)
                .isThrownBy(() -> hypervisor.undefine(domain.id()))
                .matches(e -> e.failure() == GuestFailure.REJECTED);
        assertThat(domain.persistent()).isTrue();
    }

    @Test
    void nonsense_is_refused_before_anything_is_sent() {
        assertThatIllegalArgumentException().isThrownBy(() -> domain.sendKeys(List.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> domain.sendKeys(Collections.nCopies(17, 56)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> domain.switchTo(List.of(new DiskOverlay("vdz", Path.of("/z")))));
    }

    @Test
    void a_closed_handle_takes_no_calls() {
        domain.close();
        domain.close();

        assertThatIllegalStateException().isThrownBy(domain::state);
    }
}
