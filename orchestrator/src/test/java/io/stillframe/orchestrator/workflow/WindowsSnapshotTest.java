package io.stillframe.orchestrator.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.db.Consistency;
import io.stillframe.db.Journal;
import io.stillframe.db.Run;
import io.stillframe.db.RunState;
import io.stillframe.guest.Disk;
import io.stillframe.guest.Faults.Kind;
import io.stillframe.guest.GuestFilesystem;
import io.stillframe.orchestrator.proof.RawDisks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A guest with Windows, as far as its agent can be acted: volumes by their GUIDs, no program of ours, a hold that VSS ends
 * after 10 s (QEMU's qga/commands-win32.c and qga/vss-win32).
 */
class WindowsSnapshotTest {
    private static final String VOLUME = "\\\\?\\Volume{c0ffee00-0000-0000-0000-100000000000}\\";

    @TempDir
    private Path images;

    private Journal journal;
    private World world;

    @BeforeEach
    void open(@TempDir Path directory) {
        journal = Journal.open(directory);
        world = new World(images, journal);
        String image = world.image("vda").toString();
        world.guest
                .windows()
                .disk(new Disk("vda", "disk", "file", Optional.of(image), "qcow2", false, true, "none", List.of()))
                .filesystem(new GuestFilesystem("C:\\", VOLUME, "NTFS", List.of("vda")));
        world.holding("vda", RawDisks.whole("ntfs-made"));
    }

    @AfterEach
    void close() {
        journal.close();
    }

    @Test
    void its_ntfs_is_proved_where_nothing_is_written_meanwhile() {
        Run run = take(World.FILESYSTEM);
        assertThat(run.state()).isEqualTo(RunState.COMPLETED);
        assertThat(run.result().consistency()).contains(Consistency.FILESYSTEM);
        assertThat(world.faults.count("written")).isEqualTo(2);
    }

    @Test
    void no_program_is_run_in_it_and_no_switch_is_armed() {
        take(World.FILESYSTEM);
        assertThat(world.faults.calls()).noneMatch(call -> call.startsWith("exec"));
    }

    @Test
    void it_is_held_no_longer_than_vss_does_whatever_is_allowed() {
        take(World.FILESYSTEM);
        assertThat(World.FILESYSTEM.freezeLimit()).isGreaterThan(Duration.ofSeconds(10));
        assertThat(world.guard.watched().get(0).limit()).isEqualTo(Duration.ofSeconds(10));
        assertThat(journal.intent(world.id).orElseThrow().freezeLimit()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void a_thaw_that_took_longer_than_that_costs_the_class() {
        world.faults.before("thaw", () -> world.timing.pause(Duration.ofSeconds(11)));
        assertThat(take(World.CRASH).result().consistency()).contains(Consistency.CRASH);
        assertThat(world.failedChecks()).contains("freeze-limit");
    }

    @Test
    void a_thaw_that_is_answered_by_an_error_costs_the_class() {
        world.faults.on("thaw", Kind.REFUSED);
        assertThat(take(World.CRASH).result().consistency()).contains(Consistency.CRASH);
        assertThat(world.failedChecks()).contains("thaw-count");
    }

    private Run take(SnapshotOptions options) {
        Run run = world.take(options);
        world.requirePromises(run);
        return run;
    }
}
