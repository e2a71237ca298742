package io.stillframe.orchestrator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

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
                    .withMessage("nothing was touched: 'stillframe snapshot' (pid %d) holds %s, and it is busy with "
                                    .formatted(other.pid(), directory)
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
                    .isEqualTo("waiting for 'stillframe snapshot' (pid %d)\n".formatted(other.pid()));
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
                    .withMessageContaining("(pid %d) holds".formatted(other.pid()))
                    .withMessageEndingWith("it did not end within 30 s");
        }
        assertThat(timing.since(0)).isBetween(Duration.ofSeconds(30), Duration.ofSeconds(31));
    }

    @Test
    void who_waits_for_nobody_is_refused_at_once_whatever_the_holder_is_busy_with() throws Exception {
        try (StateDirectoryChild other = StateDirectoryChild.holding(directory, DB01.uuid())) {
            PrintStream to = new PrintStream(err, true, StandardCharsets.UTF_8);
            var patience = new StateDirectory.Patience(timing, to, () -> false, Duration.ZERO);
            assertThatExceptionOfType(CommandFailed.class)
                    .isThrownBy(() -> StateDirectory.hold(directory, "daemon", List.of(), patience))
                    .withMessage(
                            "nothing was touched: 'stillframe snapshot' (pid %d) holds %s, and there can be only one"
                                    .formatted(other.pid(), directory));
            assertThat(timing.nanos()).isZero();
        }
    }

    @Test
    void waiting_ends_with_an_interruption() throws Exception {
        try (StateDirectoryChild other = StateDirectoryChild.holding(directory, DB01.uuid())) {
            assertThatExceptionOfType(CommandFailed.class)
                    .isThrownBy(() -> hold(timing, () -> timing.nanos() > 0, WEB))
                    .withMessageContaining("(pid %d)".formatted(other.pid()))
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
        PrintStream to = new PrintStream(err, true, StandardCharsets.UTF_8);
        return StateDirectory.hold(
                directory, "snapshot", List.of(vms), new StateDirectory.Patience(by, to, interrupted));
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
