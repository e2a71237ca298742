package io.stillframe.lab;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The {@link KillMatrix} of image files: around the window in each run of the tests, in full in the long one. */
class KillMatrixIT {
    private static final Duration FREE_WITHIN = Duration.ofSeconds(2);
    private static final int RANDOM_KILLS = 50;

    @TempDir
    private Path directory;

    private KillMatrix matrix;

    @BeforeEach
    void start() {
        matrix = new KillMatrix(directory, new Cli(directory), FREE_WITHIN, 0, "ext4", "ext4:raw");
    }

    @AfterEach
    void end() {
        matrix.close();
    }

    @Test
    void killed_around_the_window_it_leaves_a_guest_that_writes_on_and_all_is_put_right() {
        matrix.killsBefore(matrix.pointsAroundTheWindow());
    }

    @Test
    @Tag("long")
    void killed_at_any_point_it_leaves_a_guest_that_writes_on_and_all_is_put_right() {
        matrix.killsBefore(matrix.pointsThatChangeSomething());
    }

    @Test
    @Tag("long")
    void killed_at_random_moments_it_leaves_a_guest_that_writes_on_and_all_is_put_right() {
        matrix.killsAtRandom(RANDOM_KILLS);
    }

    @Test
    void a_snapshot_right_after_a_kill_puts_the_other_run_right_by_itself() {
        matrix.theNextSnapshotPutsItRight();
    }
}
