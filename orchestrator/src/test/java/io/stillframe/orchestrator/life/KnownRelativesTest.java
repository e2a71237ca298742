package io.stillframe.orchestrator.life;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.db.JobChange;
import io.stillframe.db.Snapshot;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KnownRelativesTest {
    private final LifeWorld world = new LifeWorld(true);
    private final Snapshot older = world.snapshot(1);
    private final Snapshot newer = world.snapshot(2);

    @Test
    void what_a_machine_wrote_to_is_given_up_by_a_revert_that_is_done_and_by_nothing_else() {
        assertThat(KnownRelatives.of(world.kept, newer).givenUp()).isEmpty();
        List<String> from = revert();
        assertThat(KnownRelatives.of(world.kept, newer).givenUp()).containsExactlyInAnyOrderElementsOf(from);
    }

    @Test
    void what_was_taken_up_again_and_is_a_snapshots_image_since_is_not_given_up() {
        List<String> from = revert();
        world.guest.redefine("vda", Path.of(from.get(0)));
        world.snapshot(3);
        assertThat(KnownRelatives.of(world.kept, newer).givenUp()).containsExactly(from.get(1));
    }

    /** What the machine wrote to before it. */
    private List<String> revert() {
        world.off();
        assertThat(new RevertSnapshot(world.place())
                        .of(older, LifeWorld.JOB, Optional.empty())
                        .result()
                        .isDone())
                .isTrue();
        return world.job().changes().stream().map(JobChange::from).toList();
    }
}
