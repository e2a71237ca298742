package io.stillframe.lab;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The {@link KillMatrix} on each driver for volumes, and on a machine that mixes them, around what the storage is asked. */
class KillMatrixHostTest {
    private static final String THICK = "ext4:lvm ext4:lvm:cache=none";
    private static final String THIN = "ext4:thin ext4:thin:cache=none";
    private static final String ZFS = "ext4:zvol ext4:zvol:cache=none ext4:zfile";
    private static final String MIXED = "ext4 ext4:thin:cache=none ext4:zvol:cache=none";

    /** A freeze that nobody ends would last so long; milliseconds elsewhere are seconds in here. */
    static final Duration FREEZE_LIMIT = Duration.ofMinutes(2);

    /** The sentinel's thaw, not the limit's end. */
    private static final Duration FREE_WITHIN = Duration.ofSeconds(30);

    private static final int REFUSALS = 3;

    @TempDir
    private Path directory;

    /** What else a run does is the same on every storage. */
    @ParameterizedTest
    @ValueSource(strings = {THICK, THIN, ZFS})
    void killed_before_or_after_anything_it_asks_of_the_storage_it_leaves_a_guest_that_writes_on_and_all_is_put_right(
            String disks) {
        try (KillMatrix matrix = matrix(disks)) {
            matrix.killsBefore(matrix.pointsAroundTheStorage());
        }
    }

    @Test
    void killed_at_any_point_of_the_window_of_several_storages_it_leaves_a_guest_that_writes_on_and_all_is_put_right() {
        try (KillMatrix matrix = matrix(MIXED)) {
            matrix.killsBefore(matrix.pointsAroundTheWindow());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {THICK, THIN, ZFS, MIXED})
    void a_snapshot_right_after_a_kill_puts_the_other_run_right_by_itself(String disks) {
        try (KillMatrix matrix = matrix(disks)) {
            matrix.theNextSnapshotPutsItRight();
        }
    }

    private KillMatrix matrix(String disks) {
        Cli cli = new Cli(directory);
        cli.configure("freeze-limit: %ds\nthaw-limit: 600s\n".formatted(FREEZE_LIMIT.toSeconds()));
        return new KillMatrix(directory, cli, FREE_WITHIN, REFUSALS, disks.split(" ", -1));
    }
}
