package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The daemon on three real guests whose policy is due every minute. */
@Tag("long")
class DaemonIT {
    @TempDir
    private Path directory;

    private Cli cli;
    private final List<LabGuest> guests = new ArrayList<>();

    @BeforeEach
    void start() {
        cli = new Cli(directory);
        for (int i = 1; i <= 3; i++) {
            guests.add(LabGuest.up("it-daemon-" + i));
        }
        cli.configure("""
                policies:
                  minutely:
                    select: { names: [%s] }
                    schedule: { every: 1m }
                    keep: { last: 1 }
                """.formatted(
                        guests.stream().map(guest -> "\"" + guest.name() + "\"").collect(Collectors.joining(", "))));
    }

    @AfterEach
    void end() {
        guests.forEach(LabGuest::close);
    }

    @Test
    void killed_in_the_middle_of_a_run_and_started_again_it_ends_with_what_the_policy_says() {
        LabGuest killedAt = guests.get(1);
        String manual = "sf-"
                + cli.json("snapshot", guests.get(0).name())
                        .took("filesystem")
                        .run()
                        .get("run")
                        .asString();
        Tool.Running daemon = started();
        everyGuestHasItsTurnAfter(Instant.EPOCH, daemon);
        List<Path> before = killedAt.imageFiles();
        Await.until(
                "the next run makes its overlay for '%s'".formatted(killedAt.name()),
                () -> killedAt.imageFiles().size() > before.size());
        daemon.process().destroyForcibly();
        daemon.end();
        guests.forEach(LabGuest::awaitWriting);

        Tool.Running again = started();
        everyGuestHasItsTurnAfter(newestRun(killedAt), again);
        nothingIsLeftToRemove(again);
        Tool.run("kill", "-TERM", String.valueOf(again.process().pid()));
        assertThat(again.await().exit()).isZero();

        guests.forEach(guest -> isAsThePolicySays(guest, manual));
        beginsOnceAtATime(guests.get(0), manual);
    }

    /** A daemon that has put right what there was and follows its policies. */
    private Tool.Running started() {
        Tool.Running daemon = cli.startJson("daemon");
        Await.until("the daemon tells its policies", () -> {
            assertThat(daemon.process().isAlive()).as("the daemon lives").isTrue();
            return told(daemon).contains("policies: minutely");
        });
        return daemon;
    }

    private static String told(Tool.Running daemon) {
        try {
            return Files.readString(daemon.err());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for a completed run of each that began later. */
    private void everyGuestHasItsTurnAfter(Instant moment, Tool.Running daemon) {
        for (LabGuest guest : guests) {
            Await.until("a run of '%s' after %s".formatted(guest.name(), moment), () -> {
                assertThat(daemon.process().isAlive()).as("the daemon lives").isTrue();
                return completed(guest).map(DaemonIT::startOf).anyMatch(moment::isBefore);
            });
        }
    }

    /** What was taken is followed by what goes for it: each guest's turn ends with that. */
    private void nothingIsLeftToRemove(Tool.Running daemon) {
        Await.until("nothing is left to remove", () -> {
            assertThat(daemon.process().isAlive()).as("the daemon lives").isTrue();
            return explained().allMatch(snapshot -> snapshot.get("kept").asBoolean());
        });
    }

    /** Its newest of the policy, and what a person took: by the runs, by the list, and by what is explained. */
    private void isAsThePolicySays(LabGuest guest, String manual) {
        List<String> taken = completed(guest).map(DaemonIT::snapshotOf).toList();
        List<String> ofThePolicy =
                taken.stream().filter(id -> !id.equals(manual)).toList();
        assertThat(ofThePolicy).as("completed runs of '%s'", guest.name()).hasSizeGreaterThan(1);
        List<String> expected =
                Stream.of(ofThePolicy.get(0), manual).filter(taken::contains).toList();
        assertThat(cli.snapshotsOf(guest)).isEqualTo(expected);
        assertThat(explained(guest))
                .extracting(of -> of.get("snapshot").asString())
                .isEqualTo(expected);
        assertThat(explained(guest)).allMatch(of -> of.get("kept").asBoolean());
        assertThat(guest.imageFiles())
                .as("the first image, and one overlay a snapshot")
                .hasSize(1 + expected.size());
        new Aftermath(cli, guest).isPutRight();
        guest.awaitWriting();
    }

    /** What is due in one minute begins once: the first guest's runs begin with the policy's. */
    private void beginsOnceAtATime(LabGuest first, String manual) {
        assertThat(completed(first)
                        .filter(run -> !snapshotOf(run).equals(manual))
                        .map(run -> startOf(run).truncatedTo(ChronoUnit.MINUTES)))
                .doesNotHaveDuplicates();
    }

    /** When the last run of a guest began, whatever became of it. */
    private Instant newestRun(LabGuest guest) {
        return startOf(runs(guest).findFirst().orElseThrow());
    }

    private Stream<JsonNode> completed(LabGuest guest) {
        return runs(guest).filter(run -> run.get("state").asString().equals("COMPLETED"));
    }

    private Stream<JsonNode> runs(LabGuest guest) {
        return cli.json("runs", guest.name()).exits(0).json().get("runs").valueStream();
    }

    private static Instant startOf(JsonNode run) {
        return Instant.parse(run.get("startedAt").asString());
    }

    private static String snapshotOf(JsonNode run) {
        return "sf-" + run.get("run").asString();
    }

    private List<JsonNode> explained(LabGuest guest) {
        return machines()
                .filter(machine ->
                        machine.get("uuid").asString().equals(guest.uuid().toString()))
                .flatMap(machine -> machine.get("snapshots").valueStream())
                .toList();
    }

    private Stream<JsonNode> explained() {
        return machines().flatMap(machine -> machine.get("snapshots").valueStream());
    }

    private Stream<JsonNode> machines() {
        return cli.json("policy", "explain", "minutely")
                .exits(0)
                .json()
                .get("machines")
                .valueStream();
    }
}
