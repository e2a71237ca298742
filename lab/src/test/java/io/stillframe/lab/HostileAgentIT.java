package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.lab.Cli.Done;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Guests whose agent is out to do harm. It gets nowhere: each command ends in its time and with a status that says how,
 * in the memory that production allows it, and a machine beside it is taken as if nothing was.
 */
class HostileAgentIT {
    private static final Duration FREEZE_LIMIT = Duration.ofSeconds(2);
    private static final Duration THAW_LIMIT = Duration.ofSeconds(5);

    /** Four agent calls to examine, the guest's sync, the window, the release's limit and its last attempt's calls. */
    private static final Duration ALL_LIMITS =
            Duration.ofSeconds(4 * 5 + 30 + 3 * 10).plus(FREEZE_LIMIT).plus(THAW_LIMIT);
    /** The program's start and end, and its calls to libvirt and to qemu-img, on a machine with much else to do. */
    private static final Duration EVERYTHING_ELSE = Duration.ofSeconds(60);

    private static final String SETTINGS = "freeze-limit: %ds\nthaw-limit: %ds\nmaximum-chain: 190\n"
            .formatted(FREEZE_LIMIT.toSeconds(), THAW_LIMIT.toSeconds());

    private static LabGuest hostile;
    private static LabGuest honest;
    private static HostileAgent agent;

    @TempDir
    private Path directory;

    private Cli cli;

    @BeforeAll
    static void boot() {
        hostile = LabGuest.up("it-hostile", "--hostile-agent", "--kernel-arg", "lab.writer=off");
        honest = LabGuest.up("it-hostile-neighbour");
        agent = new HostileAgent(hostile);
    }

    @AfterAll
    static void remove() {
        hostile.close();
        honest.close();
    }

    @BeforeEach
    void newStateDirectory() {
        cli = new Cli(directory);
        cli.configure(SETTINGS);
    }

    @AfterEach
    void behave() {
        agent.behave();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("io.stillframe.lab.HostileMischief#aboutTheFreeze")
    void a_lie_about_the_freeze_ends_in_time_is_told_and_harms_nobody_else(HostileMischief mischief) {
        does(mischief);
    }

    @Tag("long")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.stillframe.lab.HostileMischief#beforeTheFreeze")
    void a_reply_out_of_order_ends_in_time_is_told_and_harms_nobody_else(HostileMischief mischief) {
        does(mischief);
    }

    @Test
    void of_a_guest_that_was_thawed_behind_the_agents_back_nothing_but_crash_is_claimed() {
        agent.tell("on guest-fsfreeze-thaw say {\"return\": 0}");
        run("snapshot", hostile.name(), "--require", "crash").took("crash");
    }

    @Test
    void what_a_guest_calls_itself_reaches_no_terminal_as_a_sequence() {
        agent.tell(HostileMischief.ESCAPES_IN_A_NAME);
        Done doctor = run("doctor", hostile.name()).exits(0);
        assertThat(doctor.out()).containsIgnoringCase("\\u001b[31m");

        Tool text = Tool.run(
                Lab.tool("bin/stillframe"),
                "--state-dir",
                directory.resolve("state").toString(),
                "doctor",
                hostile.name());
        assertThat(text.exit()).as("%s", text).isZero();
        assertThat(text.out()).contains("vfat at /", "[31m");
        assertPrintable(text.out());
    }

    private void does(HostileMischief mischief) {
        Cli neighbours = new Cli(directory.resolve("neighbour"));
        neighbours.configure("maximum-chain: 190\n");

        ends(mischief, mischief.doctor(), "doctor", hostile.name());
        Tool.Running neighbour = neighbours.startJson("snapshot", honest.name());
        ends(mischief, mischief.snapshot(), "snapshot", hostile.name());
        Cli.await(neighbour).took("filesystem");
        honest.awaitWriting();
        if (mischief.snapshot().contains(4)) {
            agent.behave();
            assertThat(run("thaw", hostile.name()).exits(0).json().get("thawed").asBoolean())
                    .as("thawed, once the agent behaves")
                    .isTrue();
            Await.until(
                    "its sentinel has seen that",
                    () -> new Aftermath(cli, hostile).sentinels().isEmpty());
        }
        ends(mischief, mischief.crash(), "snapshot", hostile.name(), "--require", "crash");
    }

    /** Runs a command against the agent as it was told to be; one that has no status to end with is not run. */
    private void ends(HostileMischief mischief, List<Integer> statuses, String command, String... arguments) {
        if (statuses.isEmpty()) {
            return;
        }
        agent.behave();
        mischief.orders().forEach(agent::tell);
        Done done = run(command, arguments);
        assertThat(statuses)
                .as("exit of %s; stdout: %s stderr: %s", command, done.out(), done.err())
                .contains(done.exit());
    }

    /** Runs a command to its end, which must come in time and in good order. */
    private Done run(String command, String... arguments) {
        Tool.Running running = cli.startJson(command, arguments);
        if (running.runsAfter(ALL_LIMITS.plus(EVERYTHING_ELSE))) {
            running.process().destroyForcibly();
            throw new AssertionError("%s did not end in its time".formatted(running.argv()));
        }
        Done done = Cli.await(running);
        assertThat(done.json().isObject()).isTrue();
        assertPrintable(done.out());
        assertPrintable(done.err());
        assertThat(done.err()).doesNotContain("OutOfMemoryError", "StackOverflowError", "Exception");
        assertThat(done.err().lines()).noneMatch(line -> line.matches("\\s+at .*\\(.*\\)"));
        return done;
    }

    private static void assertPrintable(String text) {
        assertThat(text.codePoints().filter(HostileAgentIT::moves).toArray())
                .as("control and format characters in: %s", text)
                .isEmpty();
    }

    /** Whether a terminal does something else with it than show it. */
    private static boolean moves(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL -> character != '\n';
            case Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }
}
