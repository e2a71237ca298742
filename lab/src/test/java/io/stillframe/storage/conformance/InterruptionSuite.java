package io.stillframe.storage.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillframe.storage.Change;
import io.stillframe.storage.Condition;
import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Outcome.AlreadyDone;
import io.stillframe.storage.Outcome.Done;
import io.stillframe.storage.Outcome.Indeterminate;
import io.stillframe.storage.Presence;
import io.stillframe.storage.Relatives;
import io.stillframe.storage.SnapshotStore;
import io.stillframe.storage.StorageDriver;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.exec.Commands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Tools that are killed in the middle, and whoever comes after them. */
abstract class InterruptionSuite extends Living {
    /** Kills of one kind at least; more where there are more commands to be killed. */
    private static final int KILLS = Integer.getInteger("stillframe.kills", 4);
    /** A command may be over before it is killed, and is given less time then. */
    private static final int TRIES = 20;

    private static final double SOONER = 0.8;

    private final Random random = new Random(1);

    /** What the first disk held when the last snapshot was prepared. */
    private byte[] then = {};

    private List<VolumeSnapshot> prepared(Disk... disks) {
        before = backend.inventory();
        List<VolumeSnapshot> planned = plan(disks);
        assertThat(driver().prepare(planned)).matches(Outcome::settled);
        then = disk.content();
        return planned;
    }

    @Test
    void a_snapshot_whose_tool_was_killed_is_there_or_not_and_can_be_taken_back() {
        interruptEach(
                Kills.calls(backend.tool()),
                () -> prepared(disk),
                (commands, planned) -> backend.driver(commands).create(planned),
                this::takeBack);
    }

    @Test
    void a_snapshot_whose_tool_was_killed_at_its_worst_moment_can_be_taken_back() {
        for (Backend.Moment moment : backend.moments("vda")) {
            Kills kills = Kills.at(moment, Kills.calls(backend.tool()));
            List<VolumeSnapshot> planned = prepared(disk);
            backend.driver(kills).create(planned);
            takeBack(planned);
            assertThat(kills.hit()).as("killed while %s", moment).isTrue();
        }
    }

    private void takeBack(List<VolumeSnapshot> planned) {
        StorageDriver next = driver();
        if (next.find(planned) == Presence.PRESENT) {
            assertThat(next.update(planned)).matches(Outcome::settled);
            assertThat(next.verify(planned)).matches(Outcome::settled);
            disk.assertIntact();
            Disk.assertSame(content(planned.get(0)), then);
        }
        discarded(planned);
    }

    private void discarded(List<VolumeSnapshot> planned) {
        assertThat(driver().discard(planned)).matches(Outcome::settled);
        disk.assertIntact();
        assertNothingLeft();
    }

    @Test
    void a_set_of_which_one_was_killed_can_be_taken_back() {
        Disk other = Disk.make(backend, "vdb");
        interruptEach(
                Kills.calls(backend.tool()),
                () -> prepared(disk, other),
                (commands, planned) -> backend.driver(commands).create(planned),
                planned -> {
                    takeBack(planned);
                    other.assertIntact();
                });
    }

    @Test
    void a_run_that_was_killed_while_it_prepared_or_was_taken_back_leaves_nothing() {
        interruptEach(
                backend::changes,
                () -> {
                    before = backend.inventory();
                    return plan(disk);
                },
                (commands, planned) -> backend.driver(commands).prepare(planned),
                this::discarded);
        interruptEach(
                backend::changes,
                () -> {
                    List<VolumeSnapshot> planned = prepared(disk);
                    take(driver(), planned);
                    return planned;
                },
                (commands, planned) -> backend.driver(commands).discard(planned),
                this::discarded);
    }

    @Test
    void a_run_whose_preparation_was_killed_is_prepared_again_and_takes_its_moment() {
        interruptEach(
                backend::changes,
                () -> {
                    before = backend.inventory();
                    return plan(disk);
                },
                (commands, planned) -> backend.driver(commands).prepare(planned),
                planned -> {
                    StorageDriver next = driver();
                    assertThat(next.prepare(planned)).matches(Outcome::settled);
                    then = disk.content();
                    take(next, planned);
                    disk.change();
                    Disk.assertSame(content(planned.get(0)), then);
                    discarded(planned);
                });
    }

    @Test
    void a_snapshot_whose_tool_was_killed_can_be_taken_again_or_says_that_it_cannot() {
        interruptEach(
                Kills.calls(backend.tool()),
                () -> prepared(disk),
                (commands, planned) -> backend.driver(commands).create(planned),
                planned -> {
                    StorageDriver next = driver();
                    assertThat(next.update(planned)).matches(Outcome::settled);
                    boolean taken = next.find(planned) == Presence.PRESENT;
                    Outcome again = next.create(planned);
                    if (!(again instanceof Indeterminate)) {
                        assertThat(again).isEqualTo(taken ? new AlreadyDone() : new Done());
                        Disk.assertSame(content(planned.get(0)), then);
                        disk.change();
                        Disk.assertSame(content(planned.get(0)), then);
                    }
                    discarded(planned);
                });
    }

    @Test
    void a_clone_that_was_interrupted_is_made_whole_or_taken_away() {
        then = disk.content();
        VolumeSnapshot snapshot = takeOne();
        disk.change();
        before = backend.inventory();
        interruptEach(
                backend::changes,
                () -> planClone(snapshot),
                (commands, clone) -> backend.store(commands).makeClone(snapshot, clone, Meter.NONE),
                clone -> {
                    if (random.nextBoolean()) {
                        assertThat(store().makeClone(snapshot, clone, Meter.NONE))
                                .matches(Outcome::settled);
                        Disk.assertSame(read(clone), then);
                    }
                    assertThat(store().removeClone(snapshot, clone)).matches(Outcome::settled);
                    assertNothingLeft();
                });
        Disk.assertSame(content(snapshot), then);
    }

    @Test
    void a_revert_that_was_interrupted_is_carried_through() {
        then = disk.content();
        VolumeSnapshot snapshot = takeOne();
        disk.change();
        byte[] later = disk.content();
        VolumeSnapshot after = takeOne();
        interruptEach(
                backend::changes,
                () -> planRevert(snapshot),
                (commands, change) -> backend.store(commands).revert(snapshot, change, Meter.NONE),
                change -> {
                    assertThat(store().revert(snapshot, change, Meter.NONE)).matches(Outcome::settled);
                    redefined(change);
                    disk.reverted(then);
                });
        Disk.assertSame(content(snapshot), then);
        Disk.assertSame(content(after), later);
    }

    @Test
    void a_revert_that_was_interrupted_and_is_given_up_stands_in_nobodys_way() {
        interruptEach(
                backend::changes,
                () -> {
                    then = disk.content();
                    VolumeSnapshot snapshot = takeOne();
                    disk.change();
                    // so that it is not the newest
                    takeOne();
                    return new GivenUp(snapshot, planRevert(snapshot));
                },
                (commands, given) -> backend.store(commands).revert(given.snapshot(), given.change(), Meter.NONE),
                given -> {
                    assertThat(store().giveUpRevert(given.snapshot(), given.change()))
                            .matches(Outcome::settled);
                    assertThat(store().giveUpRevert(given.snapshot(), given.change()))
                            .isEqualTo(new AlreadyDone());
                    // whatever the disk holds by now, a later revert begins anew
                    revert(given.snapshot());
                    disk.reverted(then);
                    Disk.assertSame(content(given.snapshot()), then);
                });
    }

    private record GivenUp(VolumeSnapshot snapshot, Change change) {}

    @Test
    void a_removal_that_was_interrupted_is_carried_through() {
        interruptEach(
                backend::changes,
                this::removal,
                (commands, removal) -> removal.carryOut(backend.store(commands)),
                removal -> {
                    assertThat(removal.carryOut(store())).matches(Outcome::settled);
                    assertThat(store().condition(removal.snapshot())).isEqualTo(new Condition.Absent());
                    disk.assertIntact();
                    assertNothingLeft();
                });
    }

    private Removal removal() {
        before = backend.inventory();
        VolumeSnapshot snapshot = takeOne();
        disk.change();
        Relatives relatives = relatives(snapshot);
        return new Removal(snapshot, ready(store().planRemoval(snapshot, relatives)), relatives);
    }

    private record Removal(VolumeSnapshot snapshot, Change change, Relatives relatives) {
        Outcome carryOut(SnapshotStore store) {
            return store.remove(snapshot, change, relatives, Meter.NONE);
        }
    }

    @Test
    void whoever_is_told_how_far_it_has_come_may_end_it() {
        then = disk.content();
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
        Disk.assertSame(read(clone), then);
    }

    /**
     * Kills each of the commands of some work, in turn and somewhere in its middle. First nothing is killed: that tells
     * which commands there are, and how long each takes here and now.
     *
     * @param which the commands that may be killed
     * @param begin what the work needs, made anew each time
     * @param check what is done, and asked, after it
     */
    private <T> void interruptEach(
            Predicate<List<String>> which, Supplier<T> begin, BiConsumer<Commands, T> work, Consumer<T> check) {
        Stopwatch watch = new Stopwatch(which);
        T undisturbed = begin.get();
        work.accept(watch, undisturbed);
        check.accept(undisturbed);
        List<Duration> times = watch.times();
        for (int turn = 0; !times.isEmpty() && turn < Math.max(times.size(), KILLS); turn++) {
            int victim = turn % times.size();
            boolean hit = false;
            for (int i = 0; i < TRIES && !hit; i++) {
                Duration moment = part(times.get(victim), Math.pow(SOONER, i));
                Kills kills = Kills.after(moment, new Nth(which, victim));
                T about = begin.get();
                work.accept(kills, about);
                check.accept(about);
                hit = kills.hit();
            }
            assertThat(hit)
                    .as("command %d is killed before it has ended", victim)
                    .isTrue();
        }
    }

    private Duration part(Duration whole, double share) {
        return Duration.ofNanos((long) (random.nextDouble() * share * whole.toNanos()));
    }

    private byte[] read(Change clone) {
        try {
            return backend.read(clone);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One of the commands, counted from 0. */
    private static final class Nth implements Predicate<List<String>> {
        private final Predicate<List<String>> which;
        private int left;

        private Nth(Predicate<List<String>> which, int number) {
            this.which = which;
            this.left = number;
        }

        @Override
        public boolean test(List<String> argv) {
            return which.test(argv) && left-- == 0;
        }
    }
}
