package io.stillframe.orchestrator.life;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.db.JobChange;
import io.stillframe.db.Snapshot;
import io.stillframe.storage.Relatives;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KnownRelativesTest {
    private final LifeWorld world = new LifeWorld(true);
    private final Snapshot older = world.snapshot(1);
    private final Snapshot newer = world.snapshot(2);
    private final String driver = newer.volumes().get(0).driver();

    @Test
    void what_a_machine_wrote_to_is_given_up_by_a_revert_that_is_done_and_by_nothing_else() {
        assertThat(new KnownRelatives(world.kept, newer).of(driver).givenUp()).isEmpty();
        List<String> from = revert();
        assertThat(new KnownRelatives(world.kept, newer).of(driver).givenUp())
                .containsExactlyInAnyOrderElementsOf(from);
    }

    @Test
    void what_was_taken_up_again_and_is_a_snapshots_image_since_is_not_given_up() {
        List<String> from = revert();
        world.guest.redefine("vda", Path.of(from.get(0)));
        world.snapshot(3);
        assertThat(new KnownRelatives(world.kept, newer).of(driver).givenUp()).containsExactly(from.get(1));
    }

    /** A raw image that another driver's machine goes on in is the guest's to write: it may call itself an overlay. */
    @Test
    void of_another_drivers_volumes_nothing_is_told() {
        revert();
        assertThat(new KnownRelatives(world.kept, newer).of(driver)).isNotEqualTo(Relatives.NONE);
        assertThat(new KnownRelatives(world.kept, newer).of("another")).isEqualTo(Relatives.NONE);
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
