package io.stillframe.orchestrator.life;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.db.Snapshot;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CloneSnapshotTest {
    @Test
    void room_for_each_volume_and_not_for_all_of_them_is_refused_with_numbers_before_anything_is_made() {
        LifeWorld world = new LifeWorld(false);
        Snapshot snapshot = world.snapshot(1);
        int one = "vda at moment 1".length();
        world.storage.withRoom(one);
        JobResult result = new CloneSnapshot(world.place())
                .of(snapshot, LifeWorld.JOB, Optional.empty())
                .result();
        assertThat(result.problem().orElseThrow().message()).contains("all its disks together may take", "fake pool");
        assertThat(world.hasBegun()).isFalse();
        world.storage.withRoom(2L * one);
        assertThat(new CloneSnapshot(world.place())
                        .of(snapshot, LifeWorld.JOB, Optional.empty())
                        .result()
                        .isDone())
                .isTrue();
    }
}
