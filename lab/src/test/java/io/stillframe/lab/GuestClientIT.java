package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.stillframe.guest.BlockJob;
import io.stillframe.guest.DiskOverlay;
import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainState;
import io.stillframe.guest.ExecResult;
import io.stillframe.guest.GuestAgent;
import io.stillframe.guest.GuestAgent.FreezeStatus;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.guest.GuestFilesystem;
import io.stillframe.guest.Hypervisor;
import io.stillframe.guest.libvirt.LibvirtHypervisor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The ports to libvirt and to the agent, on the real things. */
class GuestClientIT {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    /** A writer of the guest writes many times in that. */
    private static final Duration STANDSTILL = Duration.ofSeconds(2);

    private static final List<Integer> ALT_SYSRQ_J = List.of(56, 99, 36);

    private static LabGuest guest;
    private static Hypervisor hypervisor;
    private static Domain domain;
    private static GuestAgent agent;

    @BeforeAll
    static void boot() {
        guest = LabGuest.up("it-ports", "--disk", "ext4", "--disk", "xfs:raw");
        hypervisor = LibvirtHypervisor.open("qemu:///system", Duration.ofSeconds(30));
        domain = hypervisor.domain(guest.name());
        agent = hypervisor.agent(domain.id());
    }

    @AfterAll
    static void remove() {
        agent.close();
        domain.close();
        hypervisor.close();
        guest.close();
    }

    @Test
    void a_machine_is_found_by_its_name_and_by_its_uuid() {
        assertThat(domain.id().uuid()).isEqualTo(guest.uuid());
        assertThat(domain.id().name()).isEqualTo(guest.name());
        assertThat(hypervisor.domains()).contains(domain.id());
        try (Domain same = hypervisor.domain(guest.uuid().toString())) {
            assertThat(same.id()).isEqualTo(domain.id());
        }
    }

    @Test
    void freeze_and_thaw_tell_how_many_filesystems_and_the_status_follows() {
        assertThat(agent.status(LIMIT)).isEqualTo(FreezeStatus.THAWED);
        try {
            assertThat(agent.freeze(LIMIT)).isEqualTo(2);
            assertThat(agent.status(LIMIT)).isEqualTo(FreezeStatus.FROZEN);
        } finally {
            assertThat(agent.thaw(LIMIT)).isEqualTo(2);
        }
        assertThat(agent.status(LIMIT)).isEqualTo(FreezeStatus.THAWED);
        guest.awaitWriting();
    }

    @Test
    void one_mountpoint_can_be_frozen_alone() {
        try {
            assertThat(agent.freeze(List.of("/mnt/vdb"), LIMIT)).isEqualTo(1);
        } finally {
            assertThat(agent.thaw(LIMIT)).isEqualTo(1);
        }
        guest.awaitWriting();
    }

    @Test
    void a_thaw_behind_the_agents_back_shows_only_in_the_count() {
        guest.startInGuest("until [ -e /run/qga.state.isfrozen ]; do usleep 1000; done; sleep 1; "
                + "fsfreeze --unfreeze /mnt/vda; fsfreeze --unfreeze /mnt/vdb");
        try {
            assertThat(agent.freeze(LIMIT)).isEqualTo(2);
            guest.awaitWriting();
            assertThat(agent.status(LIMIT)).isEqualTo(FreezeStatus.FROZEN);
        } finally {
            assertThat(agent.thaw(LIMIT)).isZero();
        }
    }

    @Test
    void the_agent_tells_its_filesystems_its_version_and_what_it_allows() {
        assertThat(agent.filesystems(LIMIT))
                .containsExactlyInAnyOrder(
                        new GuestFilesystem("/mnt/vda", "vda", "ext4", List.of("vda")),
                        new GuestFilesystem("/mnt/vdb", "vdb", "xfs", List.of("vdb")));
        assertThat(agent.info(LIMIT).version()).matches("\\d+\\.\\d+.*");
        assertThat(agent.info(LIMIT).allows("guest-fsfreeze-freeze")).isTrue();
        assertThat(agent.info(LIMIT).allows("guest-exec")).isTrue();
    }

    @Test
    void a_program_in_the_guest_gets_its_arguments_as_they_are_and_gives_status_and_output() {
        assertThat(agent.exec(List.of("/bin/echo", "two words", "$HOME;é"), LIMIT))
                .isEqualTo(new ExecResult(0, "two words $HOME;é\n", ""));
        ExecResult failed = agent.exec(List.of("/bin/sh", "-c", "echo no >&2; exit 7"), LIMIT);
        assertThat(failed).isEqualTo(new ExecResult(7, "", "no\n"));
    }

    @Test
    void a_frozen_agent_refuses_programs_and_says_so() {
        agent.freeze(LIMIT);
        try {
            assertThat(failureOf(() -> agent.exec(List.of("/bin/true"), LIMIT)))
                    .isEqualTo(GuestFailure.AGENT_COMMAND_FAILED);
            assertThat(failureOf(() -> agent.freeze(LIMIT))).isEqualTo(GuestFailure.AGENT_COMMAND_FAILED);
        } finally {
            agent.thaw(LIMIT);
        }
    }

    @Test
    void a_dead_agent_is_unresponsive_and_answers_again_once_it_is_back() {
        guest.startInGuest("touch /run/qga.hold; kill -9 $(cat /run/qga.pid); sleep 8; rm /run/qga.hold");
        try {
            Await.until("the agent is gone", () -> !answers());
            assertThat(failureOf(() -> agent.sync(Duration.ofSeconds(1)))).isEqualTo(GuestFailure.AGENT_UNRESPONSIVE);
            assertThat(failureOf(() -> agent.freeze(Duration.ofSeconds(1)))).isEqualTo(GuestFailure.AGENT_UNRESPONSIVE);
            try (GuestAgent opened = hypervisor.agent(domain.id())) {
                assertThat(failureOf(() -> opened.thaw(LIMIT))).isEqualTo(GuestFailure.AGENT_UNRESPONSIVE);
            }
        } finally {
            Await.until("the agent is back", GuestClientIT::answers);
            agent.thaw(LIMIT); // a freeze that was not answered may still have been queued
        }
        guest.awaitWriting();
    }

    @Test
    void a_frozen_guest_writes_nothing_however_much_its_programs_want_to() {
        agent.freeze(LIMIT);
        try {
            Map<String, Long> frozen = domain.written();
            assertThat(frozen).containsOnlyKeys("vda", "vdb");
            long end = System.nanoTime() + STANDSTILL.toNanos();
            while (System.nanoTime() < end) {
                assertThat(domain.written()).isEqualTo(frozen);
            }
        } finally {
            agent.thaw(LIMIT);
        }
        Map<String, Long> thawed = domain.written();
        guest.awaitWriting();
        assertThat(domain.written())
                .allSatisfy((disk, written) -> assertThat(written).as(disk).isGreaterThan(thawed.get(disk)));
    }

    @Test
    void the_thaw_of_an_ext4_writes_even_where_no_program_does() {
        guest.shell("kill -STOP $(cat /run/writers/*); sync");
        try {
            agent.freeze(LIMIT);
            Map<String, Long> frozen = domain.written();
            agent.thaw(LIMIT);
            assertThat(domain.written().get("vda")).isGreaterThanOrEqualTo(frozen.get("vda") + 512);
        } finally {
            agent.thaw(LIMIT);
            guest.shell("kill -CONT $(cat /run/writers/*)");
        }
        guest.awaitWriting();
    }

    @Test
    void the_magic_keys_thaw_a_guest_that_has_a_keyboard_behind_the_agents_back() {
        assertThat(domain.hasKeyboard()).isTrue();
        agent.freeze(LIMIT);
        try {
            Map<String, Long> frozen = domain.written();
            domain.sendKeys(ALT_SYSRQ_J);
            Await.until("the thaw is written to vda", () -> domain.written().get("vda") > frozen.get("vda"));
            assertThat(agent.status(LIMIT)).isEqualTo(FreezeStatus.FROZEN);
        } finally {
            assertThat(agent.thaw(LIMIT)).isZero();
        }
        guest.awaitWriting();
    }

    @Test
    void suspend_and_resume_count_what_is_so_already_as_done() {
        domain.suspend();
        domain.suspend();
        assertThat(domain.state()).isEqualTo(DomainState.PAUSED);
        assertThat(failureOf(() -> agent.freeze(LIMIT))).isEqualTo(GuestFailure.NOT_RUNNING);
        domain.resume();
        domain.resume();
        assertThat(domain.state()).isEqualTo(DomainState.RUNNING);
        guest.awaitWriting();
    }

    @Test
    void overlays_become_active_together_and_merge_back_without_a_loss() {
        Map<String, Path> before = guest.activeImages();
        List<DiskOverlay> overlays = List.of(overlay("vda", "qcow2"), overlay("vdb", "raw"));
        domain.switchTo(overlays);
        for (DiskOverlay overlay : overlays) {
            assertThat(guest.activeImages()).containsEntry(overlay.target(), overlay.overlay());
            assertThat(guest.definedImages()).containsEntry(overlay.target(), overlay.overlay());
        }
        guest.awaitWriting();

        for (DiskOverlay overlay : overlays) {
            assertThat(domain.blockJob(overlay.target())).isEmpty();
            domain.commitActive(overlay.target(), overlay.overlay(), before.get(overlay.target()), 0);
            Await.until(
                    "the merge of " + overlay.target() + " has caught up",
                    () -> domain.blockJob(overlay.target()).map(BlockJob::ready).orElse(false));
            domain.pivot(overlay.target());
        }
        assertThat(guest.activeImages()).isEqualTo(before);
        assertThat(guest.definedImages()).isEqualTo(before);
        guest.awaitWriting();
        assertThat(Tool.run(
                                "qemu-img",
                                "check",
                                "-q",
                                "-U",
                                "-f",
                                "qcow2",
                                before.get("vda").toString())
                        .exit())
                .as("0: sound, 3: leaked clusters, as an image in use may have")
                .isIn(0, 3);
        assertThat(guest.records(guest.disk("vdb"), frozenCopy(before.get("vdb")))
                        .missing())
                .isZero();
    }

    /** An image in use is read while the guest is frozen; the copy is private. */
    private static Path frozenCopy(Path image) {
        Path copy = guest.directory().resolve("vdb.copy");
        agent.freeze(LIMIT);
        try {
            Tool.out("qemu-img", "convert", "-U", "-f", "raw", "-O", "raw", image.toString(), copy.toString());
        } finally {
            agent.thaw(LIMIT);
        }
        return copy;
    }

    private static DiskOverlay overlay(String target, String format) {
        Path image = guest.disk(target).image();
        Path overlay = image.resolveSibling(target + ".it.qcow2");
        Tool.out("qemu-img", "create", "-q", "-f", "qcow2", "-F", format, "-b", image.toString(), overlay.toString());
        return new DiskOverlay(target, overlay);
    }

    private static boolean answers() {
        return Optional.ofNullable(catchThrowableOfType(GuestException.class, () -> agent.sync(Duration.ofSeconds(1))))
                .isEmpty();
    }

    private static GuestFailure failureOf(ThrowingCallable call) {
        GuestException thrown = catchThrowableOfType(GuestException.class, call);
        assertThat(thrown).as("a failure").isNotNull();
        return thrown.failure();
    }
}
