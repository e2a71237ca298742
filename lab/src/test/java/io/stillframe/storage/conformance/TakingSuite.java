package io.stillframe.storage.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.storage.Change;
import io.stillframe.storage.Condition;
import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Outcome.AlreadyDone;
import io.stillframe.storage.Outcome.Done;
import io.stillframe.storage.Outcome.Indeterminate;
import io.stillframe.storage.Outcome.Refused;
import io.stillframe.storage.Presence;
import io.stillframe.storage.Probe;
import io.stillframe.storage.StorageDriver;
import io.stillframe.storage.View;
import io.stillframe.storage.VolumeSnapshot;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Taking snapshots, and taking them back. */
abstract class TakingSuite extends Living {
    @Test
    void a_snapshot_holds_the_moments_data_and_nothing_later() {
        byte[] then = disk.content();
        VolumeSnapshot snapshot = takeOne();
        disk.change();

        Disk.assertSame(content(snapshot), then);
        disk.assertIntact();
        Disk.assertSame(content(snapshot), then);
    }

    @Test
    void a_plan_touches_nothing() {
        plan(disk);
        assertNothingLeft();
    }

    @Test
    void the_same_label_again_is_already_done() {
        byte[] then = disk.content();
        List<VolumeSnapshot> planned = take(disk);
        disk.change();

        assertThat(driver().create(planned)).isEqualTo(new AlreadyDone());
        Disk.assertSame(content(planned.get(0)), then);
    }

    @Test
    void several_volumes_are_taken_at_once() {
        Disk other = Disk.make(backend, "vdb");
        byte[] then = disk.content();
        byte[] thenOther = other.content();
        List<VolumeSnapshot> planned = take(disk, other);
        disk.change();
        other.change();

        Disk.assertSame(content(planned.get(0)), then);
        Disk.assertSame(content(planned.get(1)), thenOther);
        assertThat(driver().discard(planned)).isEqualTo(new Done());
        assertThat(driver().find(planned)).isEqualTo(Presence.ABSENT);
        other.assertIntact();
    }

    @Test
    void while_the_machine_writes_each_volume_is_taken_at_one_moment_and_all_at_the_same_where_that_is_promised() {
        Disk other = Disk.make(backend, "vdb");
        StorageDriver driver = driver();
        List<VolumeSnapshot> planned;
        int written;
        try (Records records = new Records(backend, disk, other)) {
            records.awaitMore();
            planned = driver.plan(Labels.next(), volumes(disk, other));
            assertThat(driver.prepare(planned)).matches(Outcome::settled);
            take(driver, planned);
            records.awaitMore();
            written = records.end();
        }
        int one = Records.upTo(content(planned.get(0)), 0);
        int two = Records.upTo(content(planned.get(1)), 1);
        assertThat(List.of(one, two)).allMatch(last -> last > 1 && last < written);
        if (driver.atomic(planned)) {
            assertThat(Math.abs(one - two)).as("%d and %d", one, two).isEqualTo(1);
        }
    }

    @Test
    void what_was_taken_is_found_though_its_reply_was_lost() {
        byte[] then = disk.content();
        List<VolumeSnapshot> planned = plan(disk);
        assertThat(driver().prepare(planned)).isInstanceOfAny(Done.class, AlreadyDone.class);
        assertThat(backend.driver(new LostReply(backend.tool())).create(planned))
                .isInstanceOf(Indeterminate.class);

        assertThat(driver().find(planned)).isEqualTo(Presence.PRESENT);
        assertThat(driver().create(planned)).isEqualTo(new AlreadyDone());
        assertThat(driver().verify(planned)).isInstanceOfAny(Done.class, AlreadyDone.class);
        Disk.assertSame(content(planned.get(0)), then);
    }

    @Test
    void a_run_is_taken_back_as_often_as_one_likes_from_whatever_step_it_reached() {
        List<VolumeSnapshot> planned = plan(disk);
        assertThat(driver().discard(planned)).isEqualTo(new AlreadyDone());
        assertNothingLeft();

        driver().prepare(planned);
        assertThat(driver().find(planned)).isEqualTo(Presence.ABSENT);
        assertThat(driver().discard(planned)).isInstanceOfAny(Done.class, AlreadyDone.class);
        assertNothingLeft();

        List<VolumeSnapshot> taken = take(disk);
        disk.change();
        assertThat(driver().discard(taken)).isEqualTo(new Done());
        assertThat(driver().discard(taken)).isEqualTo(new AlreadyDone());
        assertNothingLeft();
        disk.assertIntact();
    }

    @Test
    void a_label_that_no_run_had_is_absent() {
        VolumeSnapshot unknown = plan(disk).get(0);

        assertThat(driver().find(List.of(unknown))).isEqualTo(Presence.ABSENT);
        assertThat(store().condition(unknown)).isEqualTo(new Condition.Absent());
        assertThat(store().open(unknown)).isInstanceOf(View.Refused.class);
        assertThat(store().close(unknown)).isEqualTo(new AlreadyDone());
        assertThat(remove(unknown)).isEqualTo(new AlreadyDone());
        assertNothingLeft();
    }

    @Test
    void a_full_backend_is_refused_and_keeps_what_it_has() throws IOException {
        List<VolumeSnapshot> planned = plan(disk);
        backend.flush("vda"); // what is still on its way would find no room
        backend.fill();
        try {
            Probe probe = driver().probe(backend.volume("vda"));
            assertThat(probe).isInstanceOf(Probe.Unusable.class);
            assertThat(((Probe.Unusable) probe).reason()).containsPattern("\\d");
            Outcome outcome = driver().prepare(planned);
            assertThat(outcome instanceof Refused ? outcome : driver().create(planned))
                    .isInstanceOf(Refused.class);
            assertThat(driver().discard(planned)).isInstanceOfAny(Done.class, AlreadyDone.class);
            disk.assertIntact();
        } finally {
            backend.empty();
        }
        assertNothingLeft();
        take(disk);
    }

    @Test
    void names_at_the_limit_do_for_a_whole_life_and_longer_ones_are_refused_before_anything_is_touched()
            throws IOException {
        Backend.LimitNames names = backend.makeVolumesWithLimitNames();
        StorageDriver driver = driver();
        assertThat(driver.probe(names.tooLong())).isInstanceOf(Probe.Unusable.class);
        assertThat(driver.probe(names.longest())).isInstanceOf(Probe.Usable.class);
        List<VolumeSnapshot> planned = driver.plan(Labels.next(), List.of(names.longest()));
        assertThat(driver.prepare(planned)).isInstanceOfAny(Done.class, AlreadyDone.class);
        take(driver, planned);
        VolumeSnapshot snapshot = planned.get(0);
        assertThat(store().condition(snapshot)).isInstanceOf(Condition.Present.class);
        byte[] then = content(snapshot);
        Change clone = planClone(snapshot);
        assertThat(store().makeClone(snapshot, clone, Meter.NONE)).isEqualTo(new Done());
        Disk.assertSame(backend.read(clone), then);
        assertThat(store().removeClone(snapshot, clone)).isEqualTo(new Done());
        assertThat(revert(snapshot).disk()).isEqualTo(snapshot.disk());
        Disk.assertSame(content(snapshot), then);
        assertThat(remove(snapshot)).isEqualTo(new Done());
    }

    @Test
    void what_somebody_else_has_the_name_of_is_refused_and_never_removed() throws IOException {
        List<VolumeSnapshot> planned = plan(disk);
        backend.makeForeign(planned.get(0));
        before = backend.inventory();

        Outcome prepared = driver().prepare(planned);
        assertThat(prepared instanceof Refused ? prepared : driver().create(planned))
                .isInstanceOf(Refused.class);
        assertThat(driver().discard(planned)).isInstanceOfAny(AlreadyDone.class, Refused.class);
        assertThat(remove(planned.get(0))).isNotEqualTo(new Done());
        assertThat(driver().find(planned)).isEqualTo(Presence.ABSENT);
        assertNothingLeft();
        disk.assertIntact();
    }
}
