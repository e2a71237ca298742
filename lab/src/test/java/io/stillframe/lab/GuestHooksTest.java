package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The application hooks of the guest's kit, on this machine, with hooks and database clients that only take notes. */
class GuestHooksTest {
    private static final Path KIT =
            Path.of(System.getProperty("stillframe.checkout", ".."), "guest").toAbsolutePath();

    @TempDir
    private Path guest;

    @BeforeEach
    void prepare() throws IOException {
        Files.createDirectories(guest.resolve("hooks"));
        Files.createDirectories(guest.resolve("bin"));
        Files.createFile(calls());
        hook("10-first", "");
        hook("20-second", "");
    }

    @Test
    void they_are_called_in_order_and_thawed_the_last_one_first() throws IOException {
        Files.writeString(guest.resolve("hooks/30-nothing"), "not executable");
        hook("40.bak", "");
        assertThat(hooks("freeze").exit()).isZero();
        assertThat(hooks("freeze").exit()).as("held already").isEqualTo(1);
        assertThat(hooks("thaw").exit()).isZero();
        assertThat(Files.readAllLines(calls()))
                .containsExactly("10-first freeze", "20-second freeze", "20-second thaw", "10-first thaw");
        assertThat(hooks("thaw").exit()).as("nothing is held").isZero();
        assertThat(Files.readAllLines(calls())).hasSize(4);
    }

    @ParameterizedTest
    @CsvSource({"'echo no room; exit 3', no room", "sleep 60, ended with"})
    void one_that_fails_or_hangs_fails_the_freeze_and_all_that_was_begun_is_thawed(String fails, String said)
            throws IOException {
        hook("15-fails", "[ $1 = thaw ] || { %s; }".formatted(fails));
        Files.writeString(guest.resolve("conf"), "STILLFRAME_HOOK_SECONDS=1\n");
        Tool freeze = hooks("freeze");
        assertThat(freeze.exit()).isEqualTo(1);
        assertThat(freeze.err()).contains(said, "15-fails failed: nothing is to be frozen");
        assertThat(Files.readAllLines(calls()))
                .containsExactly("10-first freeze", "15-fails freeze", "15-fails thaw", "10-first thaw");
        assertThat(guest.resolve("run/hooks")).doesNotExist();
    }

    @Test
    void a_thaw_that_fails_keeps_no_other_from_its_own_and_is_told() throws IOException {
        hook("20-second", "[ $1 = freeze ]");
        assertThat(hooks("freeze").exit()).isZero();
        Tool thaw = hooks("thaw");
        assertThat(thaw.exit()).isEqualTo(1);
        assertThat(thaw.err()).contains("thaw failed: 20-second");
        assertThat(Files.readAllLines(calls())).endsWith("10-first thaw");
    }

    @Test
    void applications_that_nobody_thaws_go_on_by_themselves_and_the_thaw_says_so() throws IOException {
        Files.writeString(guest.resolve("conf"), "STILLFRAME_HOLD_SECONDS=1\n");
        assertThat(hooks("freeze").exit()).isZero();
        Await.until("the first hook thawed", () -> lines(calls()).contains("10-first thaw"));
        Tool thaw = hooks("thaw");
        assertThat(thaw.exit()).isEqualTo(1);
        assertThat(thaw.err()).contains("went on after 1 s");
        assertThat(lines(calls())).hasSize(4);
    }

    @Test
    void what_a_hook_prints_is_kept() throws IOException {
        hook("10-first", "echo some words; echo others >&2");
        assertThat(hooks("freeze").exit()).isZero();
        assertThat(hooks("thaw").exit()).isZero();
        assertThat(lines(guest.resolve("run/hooks.log"))).contains("--- 10-first freeze", "some words", "others");
    }

    @ParameterizedTest
    @CsvSource({"on, on, 0", "off, on, 1", "on, off, 1"})
    void a_postgresql_that_would_not_survive_a_power_cut_is_not_frozen(String fsync, String pages, int exit)
            throws IOException {
        executable("bin/psql", """
                echo "$*" >> "%s"
                case $* in *fsync*) echo %s ;; *full_page_writes*) echo %s ;; esac
                """.formatted(calls(), fsync, pages));
        assertThat(run("hooks/10-postgresql", "freeze").exit()).isEqualTo(exit);
        assertThat(lines(calls()).stream().anyMatch(call -> call.contains("CHECKPOINT")))
                .isEqualTo(exit == 0);
        assertThat(run("hooks/10-postgresql", "thaw").exit()).isZero();
    }

    @Test
    void a_postgresql_that_does_not_answer_fails_the_freeze() throws IOException {
        executable("bin/psql", "echo no server >&2; exit 2");
        assertThat(run("hooks/10-postgresql", "freeze").exit()).isNotZero();
    }

    @Test
    void a_mariadb_is_locked_by_a_session_that_lasts_until_the_thaw() throws IOException {
        executable("bin/mariadb", """
                while read -r line; do echo "$line" >> "%s"; echo locked; done
                """.formatted(calls()));
        assertThat(run("hooks/10-mariadb", "freeze").exit()).isZero();
        assertThat(lines(calls())).anyMatch(line -> line.startsWith("FLUSH TABLES WITH READ LOCK"));
        ProcessHandle session = session();
        assertThat(session.isAlive()).isTrue();
        assertThat(run("hooks/10-mariadb", "thaw").exit()).isZero();
        Await.until("the session's end", () -> !runs(session));
    }

    @Test
    void a_mariadb_whose_session_ended_before_the_thaw_was_not_held() throws IOException {
        executable("bin/mariadb", "read -r line; echo locked; read -r more");
        assertThat(run("hooks/10-mariadb", "freeze").exit()).isZero();
        ProcessHandle session = session();
        session.destroy();
        Await.until("the session's end", () -> !runs(session));
        assertThat(run("hooks/10-mariadb", "thaw").exit()).isEqualTo(1);
    }

    @Test
    void a_mariadb_that_does_not_grant_the_lock_fails_the_freeze_and_says_why() throws IOException {
        executable("bin/mariadb", "echo access denied >&2; exit 1");
        Tool freeze = run("hooks/10-mariadb", "freeze");
        assertThat(freeze.exit()).isEqualTo(1);
        assertThat(freeze.err()).contains("access denied");
    }

    private ProcessHandle session() throws IOException {
        long pid = Long.parseLong(
                Files.readString(guest.resolve("run/mariadb/pid")).strip());
        return ProcessHandle.of(pid).orElseThrow();
    }

    /** One that ended counts as running for as long as nobody has asked for its status. */
    private static boolean runs(ProcessHandle process) {
        Path stat = Path.of("/proc/%d/stat".formatted(process.pid()));
        try {
            return Files.exists(stat) && !Files.readString(stat).contains(") Z ");
        } catch (IOException e) {
            return false; // it is gone by now
        }
    }

    private Tool hooks(String verb) {
        return run("stillframe-hooks", verb);
    }

    private Tool run(String script, String verb) {
        List<String> argv = new ArrayList<>(List.of(
                "env",
                "STILLFRAME_HOOKS=" + guest.resolve("hooks"),
                "STILLFRAME_RUN=" + guest.resolve("run"),
                "STILLFRAME_HOOKS_CONF=" + guest.resolve("conf"),
                "PGUSER=postgres",
                "PATH=%s:%s".formatted(guest.resolve("bin"), System.getenv("PATH"))));
        argv.addAll(List.of("sh", KIT.resolve(script).toString(), verb));
        return Tool.run(argv);
    }

    private void hook(String name, String does) throws IOException {
        executable("hooks/" + name, "echo %s $1 >> '%s'%n%s".formatted(name, calls(), does));
    }

    private void executable(String name, String script) throws IOException {
        Path file = guest.resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Path calls() {
        return guest.resolve("calls");
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
