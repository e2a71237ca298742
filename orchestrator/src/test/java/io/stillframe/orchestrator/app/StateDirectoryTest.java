package io.stillframe.orchestrator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.stillframe.db.Journal;
import io.stillframe.db.RunId;
import io.stillframe.guest.DomainId;
import io.stillframe.orchestrator.cli.CommandFailed;
import io.stillframe.orchestrator.lease.ThreadWorker;
import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.orchestrator.lease.VirtualTiming;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class StateDirectoryTest {
    private static final DomainId DB01 = new DomainId(new UUID(0, 1), "db01");
    private static final DomainId WEB = new DomainId(new UUID(0, 2), "web");

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final VirtualTiming timing = new VirtualTiming();
    private Path directory;

    @BeforeEach
    void nameIt(@TempDir Path parent) {
        directory = parent.resolve("state");
    }

    @Test
    void a_free_directory_is_made_for_its_owner_alone_and_held() throws Exception {
        try (StateDirectory held = hold(timing, DB01)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                    .isEqualTo("rwx------");
            assertThat(directory.resolve("lock"))
                    .hasContent("%d snapshot\n%s\n"
                            .formatted(ProcessHandle.current().pid(), DB01.uuid()));
            assertThat(held).isNotNull();
        }
        assertThat(directory.resolve("lock")).isEmptyFile();
        hold(timing, DB01).close();
    }

    @Test
    void a_holder_that_cannot_write_itself_down_holds_all_the_same() throws Exception {
        Files.createDirectory(directory);
        Files.createSymbolicLink(directory.resolve("lock"), Path.of("/dev/full"));
        try (StateDirectory held = hold(timing, DB01)) {
            held.busyWith(List.of(WEB));
        }
    }

    @Test
    void a_directory_that_somebody_else_made_first_is_not_used(@TempDir Path parent) throws Exception {
        StateDirectory.requireOwn(directory);
        Path link = Files.createSymbolicLink(parent.resolve("link"), directory);
        assertThatExceptionOfType(CommandFailed.class)
                .isThrownBy(() -> StateDirectory.requireOwn(link))
                .withMessageContaining("nothing was touched");
    }

    @Test
    void a_second_holder_of_the_same_machine_is_refused_at_once_and_told_who_has_it() throws Exception {
        try (StateDirectoryChild other = StateDirectoryChild.holding(directory, DB01.uuid())) {
            assertThatExceptionOfType(CommandFailed.class)
                    .isThrownBy(() -> hold(timing, WEB, DB01))
                    .withMessage("nothing was touched: 'stillframe snapshot' (%s) holds %s, and it is busy with "
                                    .formatted(other.shown(), directory)
                            + "the same machine");
            assertThat(timing.nanos()).isZero();
        }
    }

    @Test
    void a_holder_that_comes_to_be_busy_with_another_machine_says_so() throws Exception {
        try (StateDirectory held = hold(timing, DB01)) {
            held.busyWith(List.of(DB01, WEB));
            assertThat(directory.resolve("lock"))
                    .hasContent("%d snapshot\n%s\n%s\n"
                            .formatted(ProcessHandle.current().pid(), DB01.uuid(), WEB.uuid()));
        }
    }

    @Test
    void a_holder_of_another_machine_is_waited_for() throws Exception {
        try (StateDirectoryChild other = StateDirectoryChild.holding(directory, DB01.uuid())) {
            Timing letting = new Passing(() -> end(other));
            hold(letting, WEB).close();
            assertThat(err.toString(StandardCharsets.UTF_8))
                    .isEqualTo("waiting for 'stillframe snapshot' (%s)\n".formatted(other.shown()));
        }
    }

    @Test
    void a_holder_that_was_killed_holds_nothing() throws Exception {
        try (StateDirectoryChild other = StateDirectoryChild.holding(directory, DB01.uuid())) {
            other.kill();
            hold(timing, DB01).close();
        }
        assertThat(timing.nanos()).isZero();
    }

    @Test
    void a_holder_that_does_not_end_is_waited_for_half_a_minute_and_no_longer() throws Exception {
        try (StateDirectoryChild other = StateDirectoryChild.holding(directory, DB01.uuid())) {
            assertThatExceptionOfType(CommandFailed.class)
                    .isThrownBy(() -> hold(timing, WEB))
                    .withMessageContaining("(%s) holds".formatted(other.shown()))
                    .withMessageEndingWith("it did not end within 30 s");
        }
        assertThat(timing.since(0)).isBetween(Duration.ofSeconds(30), Duration.ofSeconds(31));
    }

    @Test
    void a_second_daemon_is_refused_at_once_with_the_first_one_named() throws Exception {
        try (StateDirectoryChild other = StateDirectoryChild.holding(directory, "daemon")) {
            assertThatExceptionOfType(CommandFailed.class)
                    .isThrownBy(() -> Tenure.begin(directory, patience(timing, () -> false)))
                    .withMessage("nothing was touched: 'stillframe daemon' (%s) holds %s, and there can be only one"
                            .formatted(other.shown(), directory));
            assertThat(timing.nanos()).isZero();
        }
    }

    @Test
    void a_daemon_that_does_not_answer_is_not_waited_for() throws Exception {
        try (StateDirectoryChild other = StateDirectoryChild.holding(directory, "daemon")) {
            assertThatExceptionOfType(CommandFailed.class)
                    .isThrownBy(() -> hold(timing, WEB))
                    .withMessage(
                            ("nothing was touched: 'stillframe daemon' (%s) holds %s, and it does so for as long as "
                                            + "it runs, but does not answer")
                                    .formatted(other.shown(), directory));
            assertThat(timing.nanos()).isZero();
        }
    }

    @Test
    void a_daemon_waits_for_a_command_that_goes_on() throws Exception {
        try (StateDirectoryChild other = StateDirectoryChild.holding(directory, DB01.uuid())) {
            Timing letting = new Passing(() -> end(other));
            Tenure.begin(directory, patience(letting, () -> false)).close();
        }
        assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("waiting for 'stillframe snapshot'");
    }

    @Test
    void a_daemon_waits_for_a_command_however_long_it_takes() throws Exception {
        try (StateDirectoryChild other = StateDirectoryChild.holding(directory, DB01.uuid())) {
            BooleanSupplier untilAnHourHasPassed = () -> {
                if (timing.since(0).compareTo(Duration.ofHours(1)) > 0) {
                    end(other);
                }
                return false;
            };
            Tenure.begin(directory, patience(timing, untilAnHourHasPassed)).close();
        }
        assertThat(timing.since(0)).isGreaterThan(Duration.ofHours(1));
    }

    @Test
    void what_works_in_a_daemon_has_its_turn_as_processes_have_theirs() throws Exception {
        try (Tenure tenure = Tenure.begin(directory, patience(timing, () -> false))) {
            Hold turn = tenure.turn("snapshot", List.of(DB01), patience(timing, () -> false));
            assertThatExceptionOfType(CommandFailed.class)
                    .isThrownBy(() -> tenure.turn("delete", List.of(DB01), patience(timing, () -> false)))
                    .withMessageContaining("it is busy with the same machine");
            assertThatExceptionOfType(CommandFailed.class)
                    .isThrownBy(() -> tenure.turn("delete", List.of(WEB), patience(timing, () -> false)))
                    .withMessageEndingWith("it did not end within 30 s");
            tenure.turn("delete", List.of(WEB), patience(new Passing(turn::close), () -> false))
                    .close();
        }
        hold(timing, DB01).close();
    }

    @Test
    void who_only_looks_has_the_journal_beside_whoever_works() throws Exception {
        try (Tenure tenure = Tenure.begin(directory, patience(timing, () -> false))) {
            Journal worked = tenure.journal();
            Journal looked = tenure.journal();
            tenure.leave();
            worked.plan(new RunId("000000000001"), DB01.uuid(), DB01.name(), Instant.EPOCH);
            assertThat(looked.unfinished()).hasSize(1);
            tenure.leave();
            assertThat(tenure.journal())
                    .as("to open it anew would be to read all of it")
                    .isSameAs(looked);
            tenure.leave();
        }
        // closed with the tenure: it can be opened by others
        try (Journal again = Journal.open(directory)) {
            assertThat(again.unfinished()).hasSize(1);
        }
    }

    @Test
    void what_is_meant_for_another_directory_is_not_done_in_this_one(@TempDir Path other) {
        try (Tenure tenure = Tenure.begin(directory, patience(timing, () -> false))) {
            tenure.require(directory.resolve("../state"));
            assertThatExceptionOfType(CommandFailed.class)
                    .isThrownBy(() -> tenure.require(other))
                    .withMessageContainingAll("works in " + directory, "not in " + other);
        }
    }

    @Test
    void waiting_ends_with_an_interruption() throws Exception {
        try (StateDirectoryChild other = StateDirectoryChild.holding(directory, DB01.uuid())) {
            assertThatExceptionOfType(CommandFailed.class)
                    .isThrownBy(() -> hold(timing, () -> timing.nanos() > 0, WEB))
                    .withMessageContaining("(%s)".formatted(other.shown()))
                    .withMessageEndingWith("waiting for it was interrupted");
        }
    }

    @Test
    void a_directory_that_cannot_be_used_is_named() throws Exception {
        Files.createFile(directory);
        assertThatExceptionOfType(CommandFailed.class)
                .isThrownBy(() -> hold(timing, DB01))
                .withMessageStartingWith(
                        "the state directory %s cannot be used, so nothing was touched".formatted(directory));
    }

    private StateDirectory hold(Timing by, DomainId... vms) {
        return hold(by, () -> false, vms);
    }

    private StateDirectory hold(Timing by, BooleanSupplier interrupted, DomainId... vms) {
        return StateDirectory.hold(directory, "snapshot", List.of(vms), patience(by, interrupted));
    }

    private Patience patience(Timing by, BooleanSupplier interrupted) {
        return new Patience(by, new PrintStream(err, true, StandardCharsets.UTF_8), interrupted);
    }

    private static void end(StateDirectoryChild other) {
        try {
            other.end();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Time in which something happens as soon as somebody waits. */
    private record Passing(Runnable meanwhile) implements Timing {
        @Override
        public long nanos() {
            return 0;
        }

        @Override
        public void pause(Duration about) {
            meanwhile.run();
        }

        @Override
        public Worker worker(String name) {
            return new ThreadWorker(name);
        }
    }
}
