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
import org.junit.jupiter.params.provider.ValueSource;

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

    @Test
    void the_host_sends_its_hooks_as_text_and_is_told_of_each_and_what_it_said() throws IOException {
        Tool hold = host("hold", "sf-1", "20", "5", "one", noting("one"), "two", noting("two"), "installed", "-");
        assertThat(hold.exit()).as("%s", hold).isZero();
        assertThat(answers(hold)).containsExactly("one held 0", "two held 0", "10-first held 0", "20-second held 0");
        assertThat(hold.out()).contains(" one says freeze");
        Tool release = host("release", "sf-1", "5");
        assertThat(release.exit()).isZero();
        assertThat(answers(release).stream().map(line -> line.replaceAll("\\d+$", "N")))
                .containsExactly("20-second released N", "10-first released N", "two released N", "one released N");
        assertThat(guest.resolve("run/holds")).isEmptyDirectory();
    }

    @Test
    void a_hold_that_is_not_there_is_not_released() {
        Tool release = host("release", "sf-1", "5");
        assertThat(release.exit()).isEqualTo(1);
        assertThat(release.out()).isEmpty();
        assertThat(release.err()).contains("nothing is held");
    }

    @ParameterizedTest
    @CsvSource({"'echo no room; exit 3', bad failed 3", "sleep 60, bad failed 124"})
    void where_one_of_the_hosts_fails_or_hangs_those_before_it_are_released(String fails, String told) {
        Tool hold = host(
                "hold", "sf-1", "20", "1", "one", noting("one"), "bad", "[ $1 = thaw ] || { %s; }".formatted(fails));
        assertThat(hold.exit()).isEqualTo(1);
        assertThat(answers(hold)).containsExactly("one held 0", told);
        assertThat(lines(calls())).containsExactly("one freeze", "one thaw");
        assertThat(host("release", "sf-1", "5").exit()).as("nothing is held").isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash", "bash --posix", "busybox sh"})
    void what_watches_a_hold_keeps_nothing_of_whoever_asked_for_it(String shell) {
        // cat ends when nobody is left who could write
        List<String> argv = environment();
        argv.addAll(List.of("sh", "-c", "%s -c \"$0\" stillframe-hooks \"$@\" 2>&1 | cat".formatted(shell)));
        argv.addAll(List.of(text(KIT.resolve("stillframe-hooks")), "hold", "sf-1", "60", "5", "one", noting("one")));
        assertThat(answers(Tool.run(argv))).containsExactly("one held 0");
        assertThat(lines(calls())).as("it holds").containsExactly("one freeze");
        assertThat(host("release", "sf-1", "5").exit()).isZero();
    }

    @Test
    void a_hold_of_a_host_that_is_gone_ends_at_its_deadline() {
        assertThat(host("hold", "sf-1", "1", "1", "one", noting("one")).exit()).isZero();
        Await.until("its application goes on", () -> lines(calls()).contains("one thaw"));
        assertThat(host("release", "sf-1", "5").exit()).as("it is told so").isEqualTo(1);
    }

    @Test
    void a_hold_that_a_run_before_has_left_is_ended_before_the_next_one_begins() {
        assertThat(host("hold", "sf-1", "20", "5", "installed", "-").exit()).isZero();
        assertThat(host("hold", "sf-2", "20", "5", "installed", "-").exit()).isZero();
        assertThat(lines(calls()))
                .containsExactly(
                        "10-first freeze",
                        "20-second freeze",
                        "20-second thaw",
                        "10-first thaw",
                        "10-first freeze",
                        "20-second freeze");
        assertThat(host("release", "sf-1", "5").exit()).as("it is told so").isEqualTo(1);
        assertThat(lines(calls())).as("the next one still holds").hasSize(6);
        assertThat(host("release", "sf-2", "5").exit()).isZero();
        assertThat(lines(calls())).endsWith("20-second thaw", "10-first thaw").hasSize(8);
        assertThat(guest.resolve("run/holds")).isEmptyDirectory();
    }

    @Test
    void while_an_earlier_hold_is_still_being_ended_no_other_begins() throws IOException {
        Path ended = Files.createDirectories(guest.resolve("run/ended.1"));
        Tool hold = host("hold", "sf-2", "20", "1", "installed", "-");
        assertThat(hold.exit()).isEqualTo(1);
        assertThat(hold.err()).contains("an earlier hold does not come to its end: " + ended);
        assertThat(lines(calls())).isEmpty();
        Files.delete(ended);
        assertThat(host("hold", "sf-2", "20", "1", "installed", "-").exit()).isZero();
        assertThat(host("release", "sf-2", "5").exit()).isZero();
    }

    @Test
    void an_earlier_hold_whose_ending_was_killed_is_ended_by_the_next_one() throws IOException {
        assertThat(host("hold", "sf-1", "60", "5", "one", noting("one")).exit()).isZero();
        Process died = new ProcessBuilder("true").start();
        Await.until("it has ended", () -> !died.isAlive());
        Files.move(guest.resolve("run/holds/sf-1"), guest.resolve("run/ended." + died.pid()));
        assertThat(host("hold", "sf-2", "20", "5", "two", noting("two")).exit()).isZero();
        assertThat(lines(calls())).containsExactly("one freeze", "one thaw", "two freeze");
        assertThat(host("release", "sf-2", "5").exit()).isZero();
        assertThat(guest.resolve("run")).isDirectoryNotContaining("glob:**ended.*");
    }

    @Test
    void a_release_tells_which_hold_was_lost() {
        assertThat(host("hold", "sf-1", "20", "5", "one", "[ $1 = freeze ] || { echo gone; exit 4; }")
                        .exit())
                .isZero();
        Tool release = host("release", "sf-1", "5");
        assertThat(release.exit()).isEqualTo(1);
        assertThat(answers(release)).containsExactly("one lost 4");
        assertThat(release.out()).contains(" gone");
    }

    @Test
    void what_the_host_holds_already_the_agents_hook_does_not_call_again() throws IOException {
        assertThat(host("hold", "sf-1", "20", "5", "first", noting("first")).exit())
                .isZero();
        assertThat(hooks("freeze").exit()).isZero();
        assertThat(hooks("thaw").exit()).isZero();
        assertThat(lines(calls())).containsExactly("first freeze", "20-second freeze", "20-second thaw");
        assertThat(host("release", "sf-1", "5").exit()).isZero();
    }

    @Test
    void a_check_holds_nothing_and_calls_nothing_that_knows_no_check() {
        Tool check = host("check", "5", "one", noting("one"), "bad", "echo no server; exit 2", "installed", "-");
        assertThat(check.exit()).isZero();
        assertThat(answers(check)).containsExactly("one ok 0", "bad failed 2", "10-first ok 0", "20-second ok 0");
        assertThat(lines(calls())).containsExactly("one check");
        assertThat(host("release", "sf-1", "5").exit()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"on, on, 0", "off, on, 1", "on, off, 1"})
    void a_postgresql_that_would_not_survive_a_power_cut_is_not_frozen(String fsync, String pages, int exit)
            throws IOException {
        postgresql(fsync, pages, "/dev/vda1");
        assertThat(run("hooks/10-postgresql", "freeze").exit()).isEqualTo(exit);
        assertThat(lines(calls()).stream().anyMatch(call -> call.contains("CHECKPOINT")))
                .isEqualTo(exit == 0);
        assertThat(run("hooks/10-postgresql", "thaw").exit()).isZero();
    }

    @Test
    void a_postgresql_that_no_disk_has_is_not_frozen() throws IOException {
        postgresql("on", "on", "tmpfs");
        Tool freeze = run("hooks/10-postgresql", "freeze");
        assertThat(freeze.exit()).isEqualTo(1);
        assertThat(freeze.out()).contains("lies on 'tmpfs', which is no disk");
        assertThat(run("hooks/10-postgresql", "check").exit()).isEqualTo(1);
    }

    @Test
    void a_postgresql_that_was_started_anew_before_the_thaw_was_not_there_all_the_while() throws IOException {
        postgresql("on", "on", "/dev/vda1");
        assertThat(run("hooks/10-postgresql", "freeze").exit()).isZero();
        Files.writeString(guest.resolve("started"), "later\n");
        Tool thaw = run("hooks/10-postgresql", "thaw");
        assertThat(thaw.exit()).isEqualTo(1);
        assertThat(thaw.out()).contains("started anew");
    }

    @Test
    void a_postgresql_that_does_not_answer_fails_the_freeze() throws IOException {
        executable("bin/psql", "echo no server >&2; exit 2");
        assertThat(run("hooks/10-postgresql", "freeze").exit()).isNotZero();
    }

    @Test
    void a_mariadb_is_locked_by_a_session_that_lasts_until_the_thaw() throws IOException {
        mariadb("""
                while read -r line; do
                    echo "$line" >> "%s"
                    case $line in *still*) echo still locked ;; *) echo locked ;; esac
                done
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
        mariadb("read -r line; echo locked; read -r more");
        assertThat(run("hooks/10-mariadb", "freeze").exit()).isZero();
        ProcessHandle session = session();
        session.destroy();
        Await.until("the session's end", () -> !runs(session));
        assertThat(run("hooks/10-mariadb", "thaw").exit()).isEqualTo(1);
    }

    @Test
    void a_mariadb_whose_client_is_there_but_whose_server_is_not_was_not_held() throws IOException {
        mariadb("read -r line; echo locked; read -r more; echo server has gone away >&2; exit 1");
        assertThat(run("hooks/10-mariadb", "freeze").exit()).isZero();
        assertThat(session().isAlive()).isTrue();
        assertThat(run("hooks/10-mariadb", "thaw").exit()).isEqualTo(1);
    }

    @Test
    void a_mariadb_that_does_not_grant_the_lock_fails_the_freeze_and_says_why() throws IOException {
        mariadb("echo access denied >&2; exit 1");
        Tool freeze = run("hooks/10-mariadb", "freeze");
        assertThat(freeze.exit()).isEqualTo(1);
        assertThat(freeze.err()).contains("access denied");
    }

    /** A server whose data lies there; it was started when the file says. */
    private void postgresql(String fsync, String pages, String device) throws IOException {
        Files.createDirectories(guest.resolve("data/pg_wal"));
        Files.writeString(guest.resolve("started"), "before\n");
        executable("bin/psql", """
                echo "$*" >> "%s"
                case $* in
                    *fsync*) echo %s ;;
                    *full_page_writes*) echo %s ;;
                    *synchronous_commit*) echo on ;;
                    *data_directory*) echo '%s' ;;
                    *start_time*) cat '%s' ;;
                esac
                """.formatted(calls(), fsync, pages, guest.resolve("data"), guest.resolve("started")));
        disk(device);
    }

    /** A client whose session is this; asked where the data lies it says so. */
    private void mariadb(String session) throws IOException {
        Files.createDirectories(guest.resolve("data"));
        executable(
                "bin/mariadb",
                "case $* in *datadir*) echo '%s'; exit ;; esac%n%s".formatted(guest.resolve("data"), session));
        disk("/dev/vda1");
    }

    /** What everything lies on. */
    private void disk(String device) throws IOException {
        executable("bin/df", "echo Filesystem; echo '%s 1 1 1 1%% /'".formatted(device));
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

    /** As the host calls it, by its text. */
    private Tool host(String... command) {
        List<String> argv = environment();
        argv.addAll(List.of("sh", "-c", text(KIT.resolve("stillframe-hooks")), "stillframe-hooks"));
        argv.addAll(List.of(command));
        return Tool.run(argv);
    }

    /** A hook that notes what it is called with, and says it. */
    private String noting(String name) {
        return "echo %s $1 >> '%s'; echo %s says $1".formatted(name, calls(), name);
    }

    private static List<String> answers(Tool of) {
        return of.out()
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith(" "))
                .toList();
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Tool run(String script, String verb) {
        List<String> argv = environment();
        argv.addAll(List.of("sh", KIT.resolve(script).toString(), verb));
        return Tool.run(argv);
    }

    private List<String> environment() {
        return new ArrayList<>(List.of(
                "env",
                "STILLFRAME_HOOKS=" + guest.resolve("hooks"),
                "STILLFRAME_RUN=" + guest.resolve("run"),
                "STILLFRAME_HOOKS_CONF=" + guest.resolve("conf"),
                "PGUSER=postgres",
                "PATH=%s:%s".formatted(guest.resolve("bin"), System.getenv("PATH"))));
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
