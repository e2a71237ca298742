package io.stillframe.storage.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.stillframe.storage.exec.Commands.Exit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LocalCommandsTest {
    private static final Duration LONG = Duration.ofSeconds(50);

    @TempDir
    private Path scratch;

    private final LocalCommands commands = new LocalCommands();

    @AfterEach
    void noChildIsLeft() {
        assertThat(ProcessHandle.current()
                        .descendants()
                        .filter(ProcessHandle::isAlive)
                        .filter(child -> child.info().command().orElse("").endsWith("sleep")))
                .isEmpty();
    }

    @Test
    void what_a_program_prints_is_kept_apart_by_stream() {
        Exit exit = sh("echo out; echo err >&2");
        assertThat(exit).isEqualTo(new Exit(0, "out\n", "err\n"));
        assertThat(exit.succeeded()).isTrue();
    }

    @Test
    void a_status_other_than_zero_is_an_answer_and_no_exception() {
        Exit exit = sh("echo 'no such image' >&2; exit 3");
        assertThat(exit.succeeded()).isFalse();
        assertThat(exit.status()).isEqualTo(3);
        assertThat(exit.stderr()).isEqualTo("no such image\n");
    }

    @Test
    void arguments_reach_the_program_as_they_are() {
        Exit exit = commands.run(List.of("printf", "%s|", "a b", "$HOME", "*", "'\"`", "ü", ""), LONG);
        assertThat(exit.stdout()).isEqualTo("a b|$HOME|*|'\"`|ü||");
    }

    @Test
    void programs_run_in_the_c_locale_and_have_nothing_to_read() {
        assertThat(sh("echo $LC_ALL; cat").stdout()).isEqualTo("C.UTF-8\n");
    }

    @Test
    void a_program_that_does_not_exist_is_named() {
        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(() -> commands.run(List.of("stillframe-has-no-such-program"), LONG))
                .withMessageStartingWith("cannot start stillframe-has-no-such-program: ");
    }

    @Test
    void a_program_that_does_not_end_is_killed_at_its_limit() {
        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(() -> commands.run(List.of("sleep", "1000"), Duration.ofMillis(20)))
                .withMessage("sleep did not end within PT0.02S");
        awaitNoSleep();
    }

    @Test
    void a_program_that_prints_without_end_is_not_believed(@TempDir Path directory) throws Exception {
        Path much = Files.write(directory.resolve("much"), new byte[8 * 1024 * 1024 + 1]);
        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(() -> commands.run(List.of("cat", much.toString()), LONG));
    }

    @Test
    void as_much_as_is_allowed_is_read_whole(@TempDir Path directory) throws Exception {
        Path much = Files.write(directory.resolve("much"), new byte[8 * 1024 * 1024]);
        assertThat(commands.run(List.of("cat", much.toString()), LONG).stdout()).hasSize(8 * 1024 * 1024);
    }

    @Test
    void an_interrupted_caller_is_told_and_stays_interrupted() {
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(() -> commands.run(List.of("sleep", "1000"), LONG))
                .withMessage("interrupted while sleep ran");
        assertThat(Thread.interrupted()).isTrue();
        awaitNoSleep();
    }

    @Test
    void what_a_program_prints_is_heard_while_it_runs() throws Exception {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        Thread program = new Thread(() -> {
            Exit exit = commands.run(
                    List.of(
                            "sh",
                            "-c",
                            "echo first; read line < $0",
                            scratch.resolve("fifo").toString()),
                    LONG,
                    heard::add);
            heard.add("ended with " + exit.stdout());
        });
        Process made = new ProcessBuilder("mkfifo", scratch.resolve("fifo").toString()).start();
        assertThat(made.waitFor()).isZero();
        program.start();
        assertThat(heard.poll(50, TimeUnit.SECONDS)).isEqualTo("first\n");
        Files.writeString(scratch.resolve("fifo"), "go on\n");
        assertThat(heard.poll(50, TimeUnit.SECONDS)).isEqualTo("ended with first\n");
        program.join();
    }

    @Test
    void whoever_hears_it_may_end_a_program() {
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> commands.run(List.of("sh", "-c", "echo first; exec sleep 1000"), LONG, heard -> {
                    throw new IllegalStateException("enough");
                }))
                .withMessage("enough");
        awaitNoSleep();
    }

    private Exit sh(String script) {
        return commands.run(List.of("sh", "-c", script), LONG);
    }

    /** A child that was killed is gone when its exit has been collected. */
    private static void awaitNoSleep() {
        ProcessHandle.current()
                .descendants()
                .filter(child -> child.info().command().orElse("").endsWith("sleep"))
                .forEach(child -> child.onExit().join());
    }
}
