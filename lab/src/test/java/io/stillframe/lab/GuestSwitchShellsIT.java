package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The switch on this machine, in the shells that guests have. Its rules are tested with an {@code fsfreeze} that only
 * takes notes; what it is there for, with util-linux' own, in a mount namespace whose filesystems are the test's.
 */
class GuestSwitchShellsIT {
    /** More than any freeze takes that is not held up. */
    private static final String LONG = "3600";

    /**
     * Freezes three filesystems, one of which lies in an image on another, has something written to each, and says when
     * that was done. Should the switch fail, a guard thaws them, even when this was killed; the last process to end takes
     * the mounts with it.
     */
    private static final String FREEZE_AND_WAIT = """
            set -eu
            work=$1 shell=$2 switch=$3
            odd="$work/a disk 1% \\ é"
            uptime() { cut -d' ' -f1 /proc/uptime | tr -d .; }
            thaw() {
                for at in "$work/xfs" "$odd" "$work/upper"; do
                    ! fsfreeze --unfreeze "$at" 2> /dev/null || echo "$1"
                done
            }
            cleanup() {
                thaw "left frozen"
                kill "$guard"
                for at in "$work/upper" "$odd" "$work/xfs"; do umount "$at"; done
            }
            mkdir "$odd" "$work/upper" "$work/xfs" "$work/first"
            truncate -s 64M "$work/ext4.img"
            truncate -s 300M "$work/xfs.img"
            mkfs.ext4 -q "$work/ext4.img"
            mkfs.xfs -q "$work/xfs.img"
            mount -o loop "$work/ext4.img" "$work/first"
            mount -o loop "$work/xfs.img" "$work/xfs"
            truncate -s 32M "$work/first/upper.img"
            mkfs.ext4 -q "$work/first/upper.img"
            mount -o loop "$work/first/upper.img" "$work/upper"
            # now the lower one comes last in the list of mounts, and the thaw of the upper one waits for its
            mount --bind "$work/first" "$odd"
            umount -l "$work/first"
            { sleep 20; thaw "thawed by the guard"; } &
            guard=$!
            trap cleanup EXIT

            echo "before $(uptime)"
            $shell -c "$(cat "$switch")" stillframe-switch arm test 2
            fsfreeze --freeze "$work/upper"
            fsfreeze --freeze "$odd"
            fsfreeze --freeze "$work/xfs"
            writers=
            for at in "$work/upper" "$odd" "$work/xfs"; do
                { echo x > "$at/written"; echo "written $(uptime)"; } &
                writers="$writers $!"
            done
            wait $writers
            for try in $(seq 100); do
                [ ! -e "$STILLFRAME_RUN/test.fired" ] || break
                sleep 0.1
            done
            $shell "$switch" disarm test
            """;

    @TempDir
    private Path directory;

    private Path run;

    static Stream<List<String>> shells() {
        return Stream.of(List.of("dash"), List.of("bash", "--posix"), List.of("busybox", "sh"));
    }

    @BeforeEach
    void fakeFsfreeze() throws IOException {
        run = directory.resolve("run");
        Path bin = Files.createDirectory(directory.resolve("bin"));
        Path fake = bin.resolve("fsfreeze");
        Files.writeString(fake, "#!/bin/sh\necho \"$*\" >> '%s'\nexit 1\n".formatted(directory.resolve("calls")));
        Files.setPosixFilePermissions(fake, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterEach
    void disarmAll() throws IOException {
        if (Files.exists(run)) {
            try (Stream<Path> armed = Files.list(run)) {
                for (Path file : armed.toList()) {
                    Files.delete(file);
                }
            }
        }
        Await.until("every loop has ended", () -> loops().isEmpty());
    }

    @ParameterizedTest
    @MethodSource("shells")
    void what_is_frozen_is_thawed_at_the_deadline_and_not_before(List<String> shell) {
        Tool ended = Tool.run(
                "env",
                "STILLFRAME_RUN=" + run,
                "unshare",
                "--mount",
                "--propagation",
                "private",
                "sh",
                "-c",
                FREEZE_AND_WAIT,
                "freeze-and-wait",
                directory.toString(),
                String.join(" ", shell),
                GuestSwitch.script().toString());
        assertThat(ended.exit()).as("%s", ended).isZero();
        List<String> said = ended.out().lines().toList();
        assertThat(said).hasSize(6).contains("armed").endsWith("fired");
        long due = numbers(said, "before").get(0) + 200;
        assertThat(numbers(said, "written"))
                .hasSize(3)
                .allSatisfy(time -> assertThat(time).isGreaterThanOrEqualTo(due));
    }

    @ParameterizedTest
    @MethodSource("shells")
    void disarm_says_what_it_found(List<String> shell) {
        assertThat(said(shell, "disarm", "some")).isEqualTo("absent\n");
        assertThat(said(shell, "arm", "some", LONG)).isEqualTo("armed\n");
        assertThat(said(shell, "disarm", "some")).isEqualTo("disarmed\n");
        assertThat(said(shell, "disarm", "some")).isEqualTo("absent\n");
        assertThat(said(shell, "arm", "some", "1")).isEqualTo("armed\n");
        awaitFired("some");
        assertThat(said(shell, "disarm", "some")).isEqualTo("fired\n");
        assertThat(said(shell, "disarm", "some")).isEqualTo("absent\n");
    }

    @ParameterizedTest
    @MethodSource("shells")
    void what_was_armed_anew_does_not_fire_at_the_old_deadline(List<String> shell) throws IOException {
        said(shell, "arm", "some", "1");
        long due = due("some");
        said(shell, "arm", "some", LONG);
        Await.until("the old loop has ended", () -> loops().size() == 1);
        Await.until("the old deadline is past", () -> uptime() > due);

        assertThat(said(shell, "disarm", "some")).isEqualTo("disarmed\n");
        assertThat(calls()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("shells")
    void two_names_are_two_switches(List<String> shell) {
        said(shell, "arm", "one", "1");
        said(shell, "arm", "two", LONG);
        awaitFired("one");
        assertThat(said(shell, "disarm", "two")).isEqualTo("disarmed\n");
        assertThat(said(shell, "disarm", "one")).isEqualTo("fired\n");
    }

    @ParameterizedTest
    @MethodSource("shells")
    void one_that_a_run_has_left_is_ended_by_the_next_runs(List<String> shell) throws IOException {
        said(shell, "arm", "sf-one", "1");
        said(shell, "arm", "other", LONG);
        long due = due("sf-one");
        said(shell, "arm", "sf-two", LONG);
        Await.until("the first's loop has ended", () -> loops().size() == 2);
        Await.until("the first's deadline is past", () -> uptime() > due);

        assertThat(said(shell, "disarm", "sf-one")).isEqualTo("absent\n");
        assertThat(said(shell, "disarm", "sf-two")).isEqualTo("disarmed\n");
        assertThat(said(shell, "disarm", "other")).isEqualTo("disarmed\n");
    }

    @ParameterizedTest
    @MethodSource("shells")
    void the_loop_ignores_what_a_service_manager_sends_and_still_fires(List<String> shell) {
        said(shell, "arm", "some", "3");
        String loop = loops().get(0).toString();
        for (String signal : List.of("TERM", "HUP", "INT")) {
            Tool.out("kill", "-" + signal, loop);
        }
        awaitFired("some");
        assertThat(said(shell, "disarm", "some")).isEqualTo("fired\n");
    }

    @ParameterizedTest
    @MethodSource("shells")
    void the_loop_ends_when_its_file_is_gone(List<String> shell) throws IOException {
        said(shell, "arm", "some", LONG);
        assertThat(loops()).hasSize(1);
        Files.delete(run.resolve("some"));
        Await.until("the loop has ended", () -> loops().isEmpty());
        assertThat(calls()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("shells")
    void the_loop_holds_nothing_of_whoever_armed_it(List<String> shell) {
        // cat ends when nobody is left who could write; the lock is free when nobody has its file open
        String script = "flock 9; \"$@\" 2>&1 | cat";
        List<String> argv = new ArrayList<>(List.of(
                "env",
                "STILLFRAME_RUN=" + run,
                "PATH=" + path(),
                "sh",
                "-c",
                "exec 9> '%s'; %s".formatted(directory.resolve("lock"), script),
                "holder"));
        argv.addAll(shell);
        argv.addAll(List.of(GuestSwitch.script().toString(), "arm", "some", LONG));
        assertThat(Tool.run(argv)).isEqualTo(new Tool(0, "armed\n", ""));
        assertThat(loops()).hasSize(1);
        Await.until(
                "the lock is free",
                () -> Tool.run("flock", "-n", directory.resolve("lock").toString(), "true")
                                .exit()
                        == 0);
    }

    @Test
    void every_filesystem_on_a_block_device_is_thawed() throws IOException {
        said(List.of("dash"), "arm", "some", "1");
        awaitFired("some");
        List<String> expected = Files.readAllLines(Path.of("/proc/mounts")).stream()
                .map(line -> line.split(" ", -1))
                .filter(fields -> fields[0].startsWith("/dev/"))
                .map(fields -> "--unfreeze " + fields[1])
                .toList();
        assertThat(expected).isNotEmpty();
        assertThat(calls()).containsAll(expected);
    }

    @Test
    void its_directory_is_its_own() throws IOException {
        Files.createDirectory(run);
        said(List.of("dash"), "arm", "some", LONG);
        assertThat(Files.getPosixFilePermissions(run)).isEqualTo(PosixFilePermissions.fromString("rwx------"));
        assertThat(Files.getPosixFilePermissions(run.resolve("some")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "arm",
                "arm some",
                "arm some 0",
                "arm some 3601",
                "arm some 99999999999999999999",
                "arm some 010",
                "arm some -1",
                "arm some 5s",
                "arm some 5 6",
                "arm Some 5",
                "arm some/thing 5",
                "arm ../some 5",
                "arm some.fired 5",
                "arm aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 5",
                "disarm",
                "disarm some 5",
                "disarm SOME",
                "fire some"
            })
    void anything_else_is_refused_and_arms_nothing(String arguments) {
        for (List<String> shell : shells().toList()) {
            Tool refused = run(shell, arguments.isEmpty() ? new String[0] : arguments.split(" ", -1));
            assertThat(refused.exit()).as("%s", refused).isEqualTo(2);
            assertThat(refused.out()).isEmpty();
            assertThat(refused.err()).startsWith("stillframe-switch: ");
            assertThat(run).doesNotExist();
        }
    }

    @Test
    void the_longest_name_is_taken() {
        String name = "a-0".repeat(13) + "z";
        assertThat(name).hasSize(40);
        assertThat(said(List.of("dash"), "arm", name, LONG)).isEqualTo("armed\n");
        assertThat(said(List.of("dash"), "disarm", name)).isEqualTo("disarmed\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash", "bash"})
    void without_fsfreeze_nothing_is_armed(String shell) {
        // in a namespace of its own, where there is none in any of the usual places
        Tool refused = Tool.run(
                "env",
                "STILLFRAME_RUN=" + run,
                "unshare",
                "--mount",
                "--propagation",
                "private",
                "sh",
                "-c",
                "mount -t tmpfs none \"$(dirname \"$(command -v fsfreeze)\")\" && exec $1 \"$2\" arm some 5",
                "without",
                shell,
                GuestSwitch.script().toString());
        assertThat(refused.exit()).as("%s", refused).isEqualTo(3);
        assertThat(refused.out()).isEmpty();
        assertThat(refused.err()).contains("fsfreeze");
        assertThat(run).doesNotExist();
    }

    @Test
    void its_text_is_small_enough_to_be_sent() throws IOException {
        assertThat(Files.size(GuestSwitch.script())).isLessThanOrEqualTo(3 * 1024);
    }

    private Tool run(List<String> shell, String... arguments) {
        List<String> argv = new ArrayList<>(List.of("env", "STILLFRAME_RUN=" + run, "PATH=" + path()));
        argv.addAll(shell);
        argv.addAll(List.of("-c", GuestSwitch.text(), "stillframe-switch"));
        argv.addAll(List.of(arguments));
        return Tool.run(argv);
    }

    private String said(List<String> shell, String... arguments) {
        Tool ended = run(shell, arguments);
        assertThat(ended.exit()).as("%s", ended).isZero();
        assertThat(ended.err()).isEmpty();
        return ended.out();
    }

    private String path() {
        return directory.resolve("bin") + ":" + System.getenv("PATH");
    }

    private void awaitFired(String name) {
        Await.until("'%s' has fired".formatted(name), () -> Files.exists(run.resolve(name + ".fired")));
    }

    /** What the fake was called for; BusyBox' shell takes its own fsfreeze all the same. */
    private List<String> calls() throws IOException {
        Path calls = directory.resolve("calls");
        return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
    }

    private static List<Long> numbers(List<String> said, String what) {
        return said.stream()
                .filter(line -> line.startsWith(what + " "))
                .map(line -> Long.parseLong(line.substring(what.length() + 1)))
                .toList();
    }

    /** In centiseconds since the boot, as {@link #uptime} has them. */
    private long due(String name) throws IOException {
        return Long.parseLong(Files.readString(run.resolve(name)).strip().split(" ", -1)[2]);
    }

    private static long uptime() {
        try {
            return Math.round(
                    Double.parseDouble(Files.readString(Path.of("/proc/uptime")).split(" ", -1)[0]) * 100);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The pids of the loops whose marks are in this test's directory, where they work; not of what they start. */
    private List<Long> loops() {
        List<ProcessHandle> loops =
                ProcessHandle.allProcesses().filter(this::isLoop).toList();
        return loops.stream()
                .filter(process -> process.parent().filter(loops::contains).isEmpty())
                .map(ProcessHandle::pid)
                .toList();
    }

    private boolean isLoop(ProcessHandle process) {
        Path proc = Path.of("/proc", String.valueOf(process.pid()));
        try {
            return Files.readString(proc.resolve("cmdline")).contains("\0arm\0")
                    && Files.readSymbolicLink(proc.resolve("cwd")).equals(run);
        } catch (IOException e) {
            return false; // it has ended
        }
    }
}
