package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.lab.Cli.Done;
import io.stillframe.lab.Interposer.Point;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Each layer of the freeze lease dies, alone and with others, while a real guest is frozen. */
class WhoThawsIT {
    /** By the first attempt: a second one comes so much later. */
    private static final Duration AT_ONCE = Duration.ofSeconds(2);

    private static final Duration FREEZE_LIMIT = Duration.ofSeconds(3);

    /** Within it, whoever is to be killed before it is over is dead. */
    private static final Duration LONGER_LIMIT = Duration.ofSeconds(10);

    /** The switch's is 10 s after the freeze limit; it looks once a second, and runs for each filesystem. */
    private static final Duration SWITCH_DEADLINE = LONGER_LIMIT.plusSeconds(10 + 3);

    private static final String LIMIT = limit(FREEZE_LIMIT);

    private static LabGuest guest;
    /** Takes no programs and no keys: nobody but its agent can thaw it. */
    private static LabGuest bare;

    @TempDir
    private Path directory;

    private Cli cli;
    private Interposer interposer;
    /** The agent that a test ends, if it does: the tests after it need one. */
    private AgentProcess agent;

    /** What other runs have left, which other journals account for. */
    private Map<LabGuest, Set<Path>> before;

    @BeforeAll
    static void boot() {
        guest = LabGuest.up("it-who-thaws", "--disk", "ext4", "--disk", "ext4:raw");
        bare = LabGuest.up("it-who-thaws-bare", "--kernel-arg", "lab.sysrq=0");
    }

    @AfterAll
    static void remove() {
        guest.close();
        bare.close();
    }

    @BeforeEach
    void newStateDirectory() {
        cli = new Cli(directory);
        interposer = new Interposer(cli, directory);
        before = Map.of(guest, Set.copyOf(guest.imageFiles()), bare, Set.copyOf(bare.imageFiles()));
    }

    @AfterEach
    void nothingStaysFrozen() {
        interposer.end();
        if (agent != null) {
            agent.bringBack();
        }
        for (LabGuest each : List.of(guest, bare)) {
            each.virsh("domfsthaw");
            each.awaitWriting();
        }
    }

    @Test
    void with_orchestrator_and_sentinel_dead_the_switch_thaws() {
        try (WriteMonitor monitor = new WriteMonitor(guest)) {
            Tool.Running running =
                    interposer.stoppedAt("Domain.switchTo", "snapshot", limit(LONGER_LIMIT), guest.name());
            long stopped = interposer.reached().atMillis();
            killSentinel(guest);
            running.process().destroyForcibly();
            running.end();
            Duration held = monitor.untilEveryDiskIsWritten(stopped).plusMillis(stopped - interposer.freezeMillis());
            assertThat(held).isBetween(LONGER_LIMIT, SWITCH_DEADLINE);
        }
        assertThat(guest.isFrozen()).as("what the agent believes").isTrue();

        aftermath(guest).isPutRight();
        assertThat(last(guest).get("state").asString()).isEqualTo("FAILED");
    }

    @Test
    void a_sentinel_that_dies_before_the_freeze_means_that_nothing_is_frozen() {
        Point lastLook = interposer.lastBeforeTheFreeze("Watch.covers", guest);
        Scene before = Scene.of(guest);
        Tool.Running running = interposer.waitingAt(lastLook, "snapshot", guest.name());
        interposer.reached();
        ProcessHandle sentinel = killSentinel(guest);
        Await.until(
                "its parent has seen its end", () -> Files.notExists(Path.of("/proc", String.valueOf(sentinel.pid()))));
        interposer.go();

        endsWithoutASnapshot(Cli.await(running).tells("FREEZE"), guest);
        assertThat(interposer.passed("GuestAgent.freeze")).isZero();
        before.isUntouched();
    }

    @Test
    void a_sentinel_that_dies_as_the_freeze_is_sent_ends_it_at_once() {
        Tool.Running running = interposer.waitingAt("GuestAgent.freeze", "snapshot", guest.name());
        interposer.reached();
        killSentinel(guest);
        try (WriteMonitor monitor = new WriteMonitor(guest)) {
            interposer.go();
            interposer.passes("GuestAgent.thaw");
            assertThat(monitor.untilEveryDiskIsWritten(System.currentTimeMillis()))
                    .isLessThan(AT_ONCE);
        }
        endsWithoutASnapshot(Cli.await(running), guest);
    }

    @Test
    void a_sentinel_that_dies_in_the_window_ends_it_at_once() {
        try (WriteMonitor monitor = new WriteMonitor(guest)) {
            Tool.Running running = interposer.waitingAt("Domain.switchTo", "snapshot", guest.name());
            interposer.reached();
            long killed = System.currentTimeMillis();
            killSentinel(guest);
            assertThat(monitor.untilEveryDiskIsWritten(killed)).isLessThan(AT_ONCE);
            interposer.go();
            endsWithoutASnapshot(Cli.await(running), guest);
        }
    }

    @Test
    void an_orchestrator_stopped_in_the_window_finds_its_lease_lost() throws IOException {
        Tool.Running running = interposer.stoppedAt("Domain.switchTo", "snapshot", LIMIT, guest.name());
        try (WriteMonitor monitor = new WriteMonitor(guest)) {
            long stopped = interposer.reached().atMillis();
            Duration held = monitor.untilEveryDiskIsWritten(stopped).plusMillis(stopped - interposer.freezeMillis());
            assertThat(held).isGreaterThan(FREEZE_LIMIT);
        }
        Await.until("the sentinel has released it", () -> !guest.isFrozen());
        Tool.out("kill", "-CONT", String.valueOf(running.process().pid()));

        endsWithoutASnapshot(Cli.await(running), guest);
        assertThat(evidence(guest, "sentinel").get("ok").asBoolean()).isFalse();
        assertThat(interposer.passed("GuestAgent.thaw")).isZero();
        assertThat(interposer.passed("StorageDriver.discard")).isEqualTo(1);
    }

    @Test
    void killed_with_its_process_group_and_its_terminal_the_sentinel_lives() throws IOException {
        Tool.Running running = interposer.inATerminal("Domain.switchTo", "snapshot", guest.name());
        try (WriteMonitor monitor = new WriteMonitor(guest)) {
            interposer.reached();
            ProcessHandle leader = running.process().children().findFirst().orElseThrow();
            long killed = System.currentTimeMillis();
            running.process().destroyForcibly(); // closes the terminal
            Tool.run("kill", "-KILL", "--", "-" + leader.pid());
            running.end();
            Await.until("the group is gone", () -> !leader.isAlive());
            assertThat(monitor.untilEveryDiskIsWritten(killed)).isLessThan(AT_ONCE);
        }
        aftermath(guest).isPutRight();
    }

    @Test
    void the_switch_that_a_dead_run_left_is_ended_before_the_next_freeze() {
        Tool.Running killed = interposer.killedAt("Domain.switchTo", "snapshot", guest.name());
        interposer.reached();
        killed.end();
        guest.awaitWriting();
        String left = switchesLeft();
        assertThat(left).startsWith("sf-").hasLineCount(1);

        Tool.Running next = interposer.waitingAt("GuestAgent.freeze", "snapshot", guest.name());
        interposer.reached();
        assertThat(switchesLeft()).startsWith("sf-").hasLineCount(1).isNotEqualTo(left);
        interposer.go();
        assertThat(Cli.await(next).exits(0).run().get("consistency").asString()).isEqualTo("filesystem");
        assertThat(switchesLeft()).isEmpty();
    }

    @Test
    void an_agent_killed_while_frozen_thaws_when_it_is_back() {
        agent = AgentProcess.of(guest, "KILL");
        Tool.Running running = interposer.waitingAt("Domain.switchTo", "snapshot", guest.name());
        interposer.reached();
        agent.end();
        agent.bringBack();
        interposer.go();

        Cli.await(running);
        guest.awaitWriting();
        aftermath(guest).isPutRight();
    }

    @Test
    void an_agent_that_does_not_come_back_is_made_up_for_by_keys() {
        agent = AgentProcess.of(guest, "KILL");
        Tool.Running running = interposer.waitingAt("Domain.switchTo", "snapshot", guest.name());
        interposer.reached();
        agent.end();
        interposer.go();

        Done done = Cli.await(running).exits(1);
        guest.awaitWriting();
        assertThat(done.out()).contains("SysRq");
        agent.bringBack();
        // the new agent's own file says that it is frozen, and nobody's lease does
        assertThat(cli.json("reconcile").exits(4).out()).contains("--adopt");
        cli.json("reconcile", "--adopt").exits(0);
        aftermath(guest).isPutRight();
    }

    @Test
    void where_nothing_works_that_is_said_and_the_sentinel_goes_on() {
        agent = AgentProcess.of(bare, "KILL");
        bare.shell("rm -f /sbin/fsfreeze /bin/fsfreeze"); // and with it the switch
        cli.configure("thaw-limit: 5s\n");
        Tool.Running running = interposer.waitingAt("Domain.switchTo", "snapshot", LIMIT, bare.name());
        interposer.reached();
        agent.end();
        interposer.go();

        Cli.await(running).exits(4);
        assertThat(last(bare, 4).get("state").asString()).isEqualTo("THAW_OVERDUE");
        cli.json("thaw", bare.name()).exits(4);
        Await.until(
                "of the sentinels the one that guards is left",
                () -> aftermath(bare).sentinels().size() == 1);

        agent.bringBack();
        bare.awaitWriting();
        aftermath(bare).isPutRight();
        assertThat(last(bare).get("state").asString()).isEqualTo("FAILED");
    }

    @Test
    void a_freeze_that_comes_late_because_the_agent_stood_still_is_ended() {
        agent = AgentProcess.of(bare, "STOP");
        Tool.Running running = interposer.waitingAt("GuestAgent.freeze", "snapshot", LIMIT, bare.name());
        interposer.reached();
        agent.end();
        interposer.go();
        interposer.passes("GuestAgent.thaw");
        agent.bringBack();

        endsWithoutASnapshot(Cli.await(running), bare);
    }

    private static String switchesLeft() {
        return guest.shell("ls -A /run/stillframe");
    }

    private static String limit(Duration freezeLimit) {
        return "--freeze-limit=" + freezeLimit.toSeconds() + "s";
    }

    private ProcessHandle killSentinel(LabGuest of) {
        List<ProcessHandle> sentinels = aftermath(of).sentinels();
        assertThat(sentinels).hasSize(1);
        sentinels.get(0).destroyForcibly();
        return sentinels.get(0);
    }

    private Aftermath aftermath(LabGuest of) {
        return new Aftermath(cli, of, before.get(of));
    }

    private void endsWithoutASnapshot(Done done, LabGuest of) {
        done.exits(1);
        assertThat(done.run().get("state").asString()).isEqualTo("FAILED");
        assertThat(done.run().get("consistency").isNull()).isTrue();
        of.awaitWriting();
        aftermath(of).isRight();
    }

    private JsonNode last(LabGuest of) {
        return last(of, 0);
    }

    /** While a guest may be frozen no command ends as if all were well. */
    private JsonNode last(LabGuest of, int status) {
        return cli.lastRun(of, status);
    }

    private JsonNode evidence(LabGuest of, String check) {
        return last(of).get("evidence")
                .valueStream()
                .filter(each -> each.get("check").asString().equals(check))
                .findFirst()
                .orElseThrow();
    }
}
