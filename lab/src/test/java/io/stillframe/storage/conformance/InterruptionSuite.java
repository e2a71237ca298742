package io.stillframe.storage.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillframe.storage.Change;
import io.stillframe.storage.Condition;
import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Outcome.AlreadyDone;
import io.stillframe.storage.Outcome.Done;
import io.stillframe.storage.Presence;
import io.stillframe.storage.Relatives;
import io.stillframe.storage.SnapshotStore;
import io.stillframe.storage.StorageDriver;
import io.stillframe.storage.VolumeSnapshot;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Tools that are killed in the middle, and whoever comes after them. */
abstract class InterruptionSuite extends Living {
    /** Kills of one kind, each at another moment. */
    private static final int KILLS = Integer.getInteger("stillframe.kills", 5);

    private final Random random = new Random(1);
    private Duration toolTime = Duration.ZERO;

    @Test
    void a_snapshot_whose_tool_was_killed_is_there_or_not_and_can_be_taken_back() {
        for (int i = 0; i < KILLS; i++) {
            takeBack(Kills.of(backend.tool(), part(toolTime())));
        }
    }

    @Test
    void a_snapshot_whose_tool_was_killed_at_its_worst_moment_can_be_taken_back() {
        for (Backend.Moment moment : backend.moments("vda")) {
            Kills kills = new Kills(Kills.calls(backend.tool()), moment.now());
            takeBack(kills);
            assertThat(kills.hit()).as("killed while %s", moment).isTrue();
        }
    }

    private void takeBack(Kills kills) {
        before = backend.inventory();
        byte[] then = disk.content();
        List<VolumeSnapshot> planned = plan(disk);
        driver().prepare(planned);
        Outcome outcome = backend.driver(kills).create(planned);

        StorageDriver next = driver();
        Presence presence = next.find(planned);
        if (presence == Presence.PRESENT) {
            assertThat(next.update(planned)).isInstanceOfAny(Done.class, AlreadyDone.class);
            assertThat(next.verify(planned)).isInstanceOfAny(Done.class, AlreadyDone.class);
            disk.assertIntact();
            assertThat(content(planned.get(0))).as("after %s", outcome).isEqualTo(then);
        }
        assertThat(next.discard(planned)).isInstanceOfAny(Done.class, AlreadyDone.class);
        disk.assertIntact();
        assertNothingLeft();
    }

    @Test
    void a_snapshot_whose_tool_was_killed_can_be_taken_again() {
        for (int i = 0; i < KILLS; i++) {
            List<VolumeSnapshot> planned = plan(disk);
            driver().prepare(planned);
            backend.driver(Kills.of(backend.tool(), part(toolTime()))).create(planned);

            StorageDriver next = driver();
            assertThat(next.update(planned)).isInstanceOfAny(Done.class, AlreadyDone.class);
            byte[] then = disk.content();
            boolean taken = next.find(planned) == Presence.PRESENT;
            assertThat(next.create(planned)).isEqualTo(taken ? new AlreadyDone() : new Done());
            assertThat(content(planned.get(0))).isEqualTo(then);
            disk.change();
            assertThat(content(planned.get(0))).isEqualTo(then);
        }
    }

    @Test
    void a_clone_that_was_interrupted_is_made_whole_or_taken_away() throws IOException {
        byte[] then = disk.content();
        VolumeSnapshot snapshot = takeOne();
        disk.change();
        before = backend.inventory();
        for (int i = 0; i < KILLS; i++) {
            Change clone = planClone(snapshot);
            interrupt(store -> store.makeClone(snapshot, clone, Meter.NONE), i);
            if (i % 2 == 0) {
                assertThat(store().makeClone(snapshot, clone, Meter.NONE))
                        .isInstanceOfAny(Done.class, AlreadyDone.class);
                assertThat(backend.read(clone)).isEqualTo(then);
            }
            assertThat(store().removeClone(snapshot, clone)).isInstanceOfAny(Done.class, AlreadyDone.class);
            assertNothingLeft();
        }
        assertThat(content(snapshot)).isEqualTo(then);
    }

    @Test
    void a_revert_that_was_interrupted_is_carried_through() {
        byte[] then = disk.content();
        VolumeSnapshot snapshot = takeOne();
        disk.change();
        byte[] later = disk.content();
        VolumeSnapshot after = takeOne();
        for (int i = 0; i < KILLS; i++) {
            Change change = planRevert(snapshot);
            interrupt(store -> store.revert(snapshot, change, Meter.NONE), i);
            assertThat(store().revert(snapshot, change, Meter.NONE)).isInstanceOfAny(Done.class, AlreadyDone.class);
            redefined(change);
            disk.reverted(then);
        }
        assertThat(content(snapshot)).isEqualTo(then);
        assertThat(content(after)).isEqualTo(later);
    }

    @Test
    void a_removal_that_was_interrupted_is_carried_through() {
        for (int i = 0; i < KILLS; i++) {
            before = backend.inventory();
            VolumeSnapshot snapshot = takeOne();
            disk.change();
            Relatives relatives = relatives(snapshot);
            Change change = ready(store().planRemoval(snapshot, relatives));
            interrupt(store -> store.remove(snapshot, change, relatives, Meter.NONE), i);
            assertThat(store().remove(snapshot, change, relatives, Meter.NONE))
                    .isInstanceOfAny(Done.class, AlreadyDone.class);
            assertThat(store().condition(snapshot)).isEqualTo(new Condition.Absent());
            disk.assertIntact();
            assertNothingLeft();
        }
    }

    @Test
    void whoever_is_told_how_far_it_has_come_may_end_it() throws IOException {
        byte[] then = disk.content();
        VolumeSnapshot snapshot = takeOne();
        disk.change();
        Change clone = planClone(snapshot);
        boolean[] told = {false};
        Meter ending = (done, total) -> {
            told[0] = true;
            throw new IllegalStateException("enough");
        };
        if (store().makeClone(snapshot, clone, (done, total) -> told[0] = true) instanceof Done && told[0]) {
            store().removeClone(snapshot, clone);
            assertThatThrownBy(() -> store().makeClone(snapshot, clone, ending)).hasMessage("enough");
            assertThat(store().makeClone(snapshot, clone, Meter.NONE)).isEqualTo(new Done());
        }
        assertThat(backend.read(clone)).isEqualTo(then);
    }

    /** Kills one of the commands, another each time, somewhere in its middle. */
    private void interrupt(Consumer<SnapshotStore> work, int turn) {
        int[] changing = {0};
        work.accept(backend.store(new Kills(
                argv -> backend.changes(argv) && changing[0]++ == turn % KILLS, Kills.after(part(toolTime())))));
    }

    private Duration part(Duration whole) {
        return Duration.ofNanos((long) (random.nextDouble() * whole.toNanos()));
    }

    /** How long the tool takes here and now. */
    private Duration toolTime() {
        if (toolTime.isZero()) {
            Stopwatch watch = new Stopwatch(backend.tool());
            List<VolumeSnapshot> planned = plan(disk);
            driver().prepare(planned);
            backend.driver(watch).create(planned);
            driver().discard(planned);
            toolTime = watch.longest();
        }
        return toolTime;
    }
}
