package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.lab.Cli.Done;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Ctrl-C at any moment of a run. */
class InterruptIT {
    private static final int SPREAD = 4;
    private static final int AROUND_THE_WINDOW = 5;
    private static final Duration APART = Duration.ofMillis(25);

    @TempDir
    private Path directory;

    private Cli cli;

    @Test
    void an_interrupted_run_never_leaves_the_guest_frozen_nor_an_overlay_that_no_snapshot_accounts_for() {
        cli = new Cli(directory);
        try (LabGuest guest = LabGuest.up("it-interrupt", "--disk", "ext4", "--disk", "ext4:raw")) {
            Duration whole = timeOfOneRun(guest);
            for (int i = 0; i < SPREAD; i++) {
                Tool.Running running = cli.startJson("snapshot", guest.name());
                running.runsAfter(whole.multipliedBy(i).dividedBy(SPREAD - 1));
                interrupt(running, guest);
            }
            for (int i = 0; i < AROUND_THE_WINDOW; i++) {
                int files = guest.imageFiles().size();
                Tool.Running running = cli.startJson("snapshot", guest.name());
                Await.until(
                        "the run makes its overlays, or ends",
                        () -> guest.imageFiles().size() > files
                                || !running.process().isAlive());
                running.runsAfter(APART.multipliedBy(i));
                interrupt(running, guest);
            }
            assertThat(endStates(guest))
                    .as("how the runs ended: some must have been cut short, or nothing was tested")
                    .contains("COMPLETED")
                    .containsAnyOf("ABANDONED", "FAILED");
        }
    }

    @Test
    void a_run_that_is_interrupted_while_the_guest_freezes_thaws_it_and_takes_everything_back() {
        cli = new Cli(directory);
        try (LabGuest guest = LabGuest.up("it-interrupt-freeze", "--kernel-arg", "lab.hook=on")) {
            guest.makeFreezesTake(Duration.ofSeconds(3), "freezing");
            Scene before = Scene.of(guest);
            Tool.Running running = cli.startJson("snapshot", guest.name());
            Await.until("the freeze has begun", () -> guest.onConsole("freezing") > 0);
            signalInterrupt(running);
            Done done = Cli.await(running).exits(130).tells("INTERRUPTED");

            assertThat(done.run().get("state").asString()).isEqualTo("FAILED");
            assertThat(done.run().get("freeze").get("filesystems").asInt())
                    .as("filesystems that were frozen, and are thawed")
                    .isEqualTo(1);
            assertThat(guest.isFrozen()).isFalse();
            guest.awaitWriting();
            before.isUntouched();
        }
    }

    private static void signalInterrupt(Tool.Running running) {
        // the shell script has become the java process: one pid
        Tool.run("kill", "-INT", String.valueOf(running.process().pid()));
    }

    private Duration timeOfOneRun(LabGuest guest) {
        long start = System.nanoTime();
        cli.json("snapshot", guest.name()).took("filesystem");
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private void interrupt(Tool.Running running, LabGuest guest) {
        signalInterrupt(running);
        Done done = Cli.await(running);

        assertThat(done.exit()).as("%s", done).isIn(0, 130);
        assertThat(guest.isFrozen()).isFalse();
        guest.awaitWriting();
        // what is there is the first images and what completed runs tell of
        Set<Path> accounted = new HashSet<>();
        guest.disks().forEach(disk -> accounted.add(disk.image()));
        volumesOfSnapshots(guest).forEach(accounted::add);
        assertThat(accounted).containsExactlyInAnyOrderElementsOf(guest.imageFiles());
        assertThat(accounted).containsAll(guest.activeImages().values());
        assertThat(guest.definedImages()).isEqualTo(guest.activeImages());
    }

    private Set<Path> volumesOfSnapshots(LabGuest guest) {
        Set<Path> paths = new HashSet<>();
        for (JsonNode snapshot :
                cli.json("snapshots", guest.name()).exits(0).json().get("snapshots")) {
            for (JsonNode volume : snapshot.get("volumes")) {
                paths.add(Path.of(volume.get("active").asString()));
            }
        }
        return paths;
    }

    private Set<String> endStates(LabGuest guest) {
        Set<String> states = new HashSet<>();
        cli.json("runs", guest.name())
                .exits(0)
                .json()
                .get("runs")
                .forEach(run -> states.add(run.get("state").asString()));
        return states;
    }
}
