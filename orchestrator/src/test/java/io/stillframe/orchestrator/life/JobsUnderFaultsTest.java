package io.stillframe.orchestrator.life;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.db.JobState;
import io.stillframe.db.JournalException;
import io.stillframe.db.Snapshot;
import io.stillframe.db.SnapshotState;
import io.stillframe.guest.Faults.Died;
import io.stillframe.guest.Faults.Kind;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every job under every single fault, and under the death of its process at every single call. */
class JobsUnderFaultsTest {
    private enum Work {
        CLONE,
        CLONE_TO_A_MACHINE,
        REVERT,
        DELETE_THE_OLDER,
        DELETE_THE_NEWER;

        JobResult on(LifeWorld world, Snapshot older, Snapshot newer) {
            return switch (this) {
                case CLONE ->
                    new CloneSnapshot(world.place())
                            .of(older, LifeWorld.JOB, Optional.empty())
                            .result();
                case CLONE_TO_A_MACHINE ->
                    new CloneSnapshot(world.place())
                            .of(older, LifeWorld.JOB, Optional.of("db02"))
                            .result();
                case REVERT ->
                    new RevertSnapshot(world.place())
                            .of(older, LifeWorld.JOB, Optional.empty())
                            .result();
                case DELETE_THE_OLDER -> new DeleteSnapshot(world.place()).of(older, LifeWorld.JOB);
                case DELETE_THE_NEWER -> new DeleteSnapshot(world.place()).of(newer, LifeWorld.JOB);
            };
        }

        boolean deletes() {
            return this == DELETE_THE_OLDER || this == DELETE_THE_NEWER;
        }
    }

    /** A machine with two snapshots, and work on one of them. */
    private static final class Scene {
        private final LifeWorld world;
        private final Work work;
        private final Snapshot older;
        private final Snapshot newer;

        Scene(Work work, boolean moves) {
            this.work = work;
            this.world = new LifeWorld(moves);
            this.older = world.snapshot(1);
            this.newer = world.snapshot(2);
            if (work == Work.REVERT) {
                world.off();
            }
        }

        JobResult attempt() {
            return work.on(world, older, newer);
        }

        /** The one that is worked on. */
        Snapshot subject() {
            return work == Work.DELETE_THE_NEWER ? newer : older;
        }

        Snapshot other() {
            return work == Work.DELETE_THE_NEWER ? older : newer;
        }

        JobState end() {
            return world.hasBegun() ? world.job().state() : JobState.FAILED;
        }

        /** As one does that brings volumes back under the names that they have, which tell nobody whether it is done. */
        boolean waitsForAnOperator() {
            return work == Work.REVERT && end() == JobState.QUARANTINED;
        }

        /** Nobody goes on with it, and nothing is lost but what it was to bring to an end. */
        void requireEndedByAnOperator() {
            long reverts = world.faults.count("store.revert");
            assertThat(world.recover()).singleElement().matches(result -> !result.isDone());
            assertThat(world.faults.count("store.revert")).isEqualTo(reverts);
            world.abandon();
            assertThat(world.kept.unfinishedJobs()).isEmpty();
            for (Snapshot snapshot : List.of(older, newer)) {
                assertThat(world.contents(snapshot)).isEqualTo(LifeWorld.moment(snapshot.equals(older) ? 1 : 2));
                assertThat(world.find(snapshot.run()).orElseThrow().state()).isEqualTo(SnapshotState.PRESENT);
            }
        }

        /** What must hold once nothing is left to do: all of it was done, or none. */
        void requireAllOrNothing() {
            world.requireSettled();
            boolean done = end() == JobState.DONE;
            String story = "%s is %s after %s".formatted(work, end(), world.faults.calls());
            assertThat(world.contents(other())).as(story).isEqualTo(LifeWorld.moment(other().equals(older) ? 1 : 2));
            if (work.deletes() && done) {
                assertThat(world.find(subject().run())).as(story).isEmpty();
            } else {
                assertThat(world.contents(subject()))
                        .as(story)
                        .isEqualTo(LifeWorld.moment(subject().equals(older) ? 1 : 2));
                assertThat(world.find(subject().run()).orElseThrow().state())
                        .as(story)
                        .isEqualTo(SnapshotState.PRESENT);
            }
            boolean reverted = work == Work.REVERT && done;
            assertThat(world.disks()).as(story).isEqualTo(reverted ? LifeWorld.moment(1) : LifeWorld.now());
            requireHead(reverted, done, story);
            requireClones(done, story);
        }

        private void requireHead(boolean reverted, boolean done, String story) {
            boolean headIsGone = work == Work.DELETE_THE_NEWER && done;
            assertThat(world.kept.head(world.guest.id().uuid()))
                    .as(story)
                    .contains(reverted || headIsGone ? older.run() : newer.run());
        }

        private void requireClones(boolean done, String story) {
            List<String> clones = world.storage.volumes().stream()
                    .filter(volume -> volume.startsWith("/clones/"))
                    .map(volume -> world.storage.content(volume).orElseThrow())
                    .toList();
            boolean cloned = !work.deletes() && work != Work.REVERT && done;
            assertThat(clones).as(story).isEqualTo(cloned ? LifeWorld.moment(1) : List.of());
            assertThat(world.others())
                    .as(story)
                    .hasSize(cloned && work == Work.CLONE_TO_A_MACHINE ? 1 : 0)
                    .allMatch(clone -> clone.id().name().equals("db02"));
        }
    }

    static Stream<Arguments> works() {
        return Stream.of(Work.values()).flatMap(work -> LifeWorld.kinds().map(moves -> Arguments.of(work, moves)));
    }

    static Stream<Arguments> faults() {
        return works().flatMap(
                        of -> Stream.of(Kind.values()).map(kind -> Arguments.of(of.get()[0], of.get()[1], kind)));
    }

    @ParameterizedTest
    @MethodSource("works")
    void without_a_fault_it_is_done(Work work, boolean moves) {
        Scene scene = new Scene(work, moves);
        JobResult result = scene.attempt();
        assertThat(result.problem()).isEmpty();
        assertThat(result.isDone()).isTrue();
        scene.requireAllOrNothing();
        assertThat(scene.end()).isEqualTo(JobState.DONE);
    }

    @ParameterizedTest
    @MethodSource("works")
    void at_whatever_call_its_process_dies_it_is_brought_to_its_end(Work work, boolean moves) {
        Set<JobState> ends = EnumSet.noneOf(JobState.class);
        int nth = 0;
        for (boolean died = true; died; nth++) {
            Scene scene = new Scene(work, moves);
            died = dies(scene, nth);
            recover(scene);
            ends.add(scene.end());
        }
        assertThat(nth).isGreaterThan(8);
        assertThat(ends).containsExactlyInAnyOrder(JobState.DONE, JobState.FAILED);
    }

    @ParameterizedTest
    @MethodSource("works")
    void recovery_may_die_at_whatever_call_too(Work work, boolean moves) {
        int first = firstEffect(work, moves) + 1;
        int nth = 0;
        for (boolean died = true; died; nth++) {
            Scene scene = new Scene(work, moves);
            assertThat(dies(scene, first)).isTrue();
            scene.world.faults.revive();
            scene.world.guest.forgetHandles();
            died = dies(scene, scene.world.faults.calls().size() + nth, scene.world::recover);
            recover(scene);
        }
        assertThat(nth).isGreaterThan(3);
    }

    @ParameterizedTest
    @MethodSource("faults")
    void whatever_call_goes_wrong_all_of_it_is_done_or_nothing(Work work, boolean moves, Kind kind) {
        int calls = callsOf(work, moves);
        for (int nth = 0; nth < calls; nth++) {
            Scene scene = new Scene(work, moves);
            scene.world.faults.onNth(nth, kind);
            Optional<JobResult> result = attempted(scene);
            result.flatMap(JobResult::job)
                    .filter(job -> job.state().isFinal())
                    .ifPresent(job -> assertThat(job).isEqualTo(scene.world.job()));
            if (result.isPresent() && !result.get().isDone()) {
                assertThat(result.get().problem())
                        .as("%s", scene.world.faults.calls())
                        .isPresent();
            }
            recover(scene);
        }
    }

    private static void recover(Scene scene) {
        scene.world.faults.revive();
        scene.world.guest.forgetHandles();
        scene.world.recover();
        if (scene.waitsForAnOperator()) {
            scene.requireEndedByAnOperator();
            return;
        }
        scene.requireAllOrNothing();
        int calls = scene.world.faults.calls().size();
        assertThat(scene.world.recover()).isEmpty();
        assertThat(scene.world.faults.calls())
                .as("a second recovery does nothing")
                .hasSize(calls);
    }

    private static Optional<JobResult> attempted(Scene scene) {
        try {
            return Optional.of(scene.attempt());
        } catch (JournalException e) {
            return Optional.empty(); // it could not even be begun, as far as is known
        }
    }

    private static boolean dies(Scene scene, int nth) {
        return dies(scene, nth, scene::attempt);
    }

    private static boolean dies(Scene scene, int nth, Runnable work) {
        scene.world.faults.dieAt(nth, () -> {});
        try {
            work.run();
            return false;
        } catch (Died e) {
            return true;
        }
    }

    private static int callsOf(Work work, boolean moves) {
        Scene scene = new Scene(work, moves);
        scene.attempt();
        return scene.world.faults.calls().size();
    }

    /** The call that follows the first that changes something. */
    private static int firstEffect(Work work, boolean moves) {
        Scene scene = new Scene(work, moves);
        scene.attempt();
        List<String> calls = scene.world.faults.calls();
        return Stream.of("store.makeClone", "store.revert", "store.remove")
                .mapToInt(calls::indexOf)
                .filter(at -> at >= 0)
                .min()
                .orElseThrow();
    }
}
