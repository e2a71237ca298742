package io.stillframe.storage.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.storage.Change;
import io.stillframe.storage.Condition;
import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome.AlreadyDone;
import io.stillframe.storage.Outcome.Done;
import io.stillframe.storage.Outcome.Refused;
import io.stillframe.storage.VolumeSnapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What is done with snapshots after they were taken. */
abstract class LifeSuite extends Living {
    @Test
    void an_open_snapshot_can_be_read_by_no_means_be_written_and_not_be_removed() {
        byte[] then = disk.content();
        VolumeSnapshot snapshot = takeOne();
        disk.change();

        Path path = Disk.path(store().open(snapshot));
        Disk.assertSame(Disk.read(path), then);
        assertThat(Disk.takesWrites(path)).isFalse();
        assertThat(Disk.path(store().open(snapshot))).isEqualTo(path);
        assertThat(remove(snapshot)).isInstanceOf(Refused.class);
        Disk.assertSame(Disk.read(path), then);

        assertThat(store().close(snapshot)).isEqualTo(new Done());
        assertThat(store().close(snapshot)).isEqualTo(new AlreadyDone());
        assertThat(remove(snapshot)).isEqualTo(new Done());
        assertNothingLeft();
    }

    @Test
    void a_snapshot_is_removed_once() {
        VolumeSnapshot snapshot = takeOne();
        disk.change();

        assertThat(remove(snapshot)).isEqualTo(new Done());
        assertThat(store().condition(snapshot)).isEqualTo(new Condition.Absent());
        assertThat(remove(snapshot)).isEqualTo(new AlreadyDone());
        assertNothingLeft();
        disk.assertIntact();
    }

    @Test
    void a_clone_can_be_written_to_and_nothing_else_changes_with_it() throws IOException {
        byte[] then = disk.content();
        VolumeSnapshot snapshot = takeOne();
        disk.change();
        Change clone = planClone(snapshot);
        assertThat(store().makeClone(snapshot, clone, Meter.NONE)).isEqualTo(new Done());
        assertThat(store().makeClone(snapshot, clone, Meter.NONE)).isEqualTo(new AlreadyDone());
        Disk.assertSame(backend.read(clone), then);

        byte[] written = {1, 2, 3, 4};
        backend.write(clone, 4096, written);
        disk.change();

        System.arraycopy(written, 0, then, 4096, written.length);
        Disk.assertSame(backend.read(clone), then);
        disk.assertIntact();
        assertThat(Arrays.equals(content(snapshot), then)).isFalse();
        assertThat(store().removeClone(snapshot, clone)).isEqualTo(new Done());
        assertThat(store().removeClone(snapshot, clone)).isEqualTo(new AlreadyDone());
        assertThat(remove(snapshot)).isEqualTo(new Done());
        assertNothingLeft();
    }

    @Test
    void a_revert_brings_back_the_content_and_keeps_all_snapshots() {
        byte[] one = disk.content();
        VolumeSnapshot first = takeOne();
        disk.change();
        byte[] two = disk.content();
        VolumeSnapshot second = takeOne();
        disk.change();
        byte[] three = disk.content();
        VolumeSnapshot third = takeOne();

        revert(first);
        disk.reverted(one);
        revert(third);
        disk.reverted(three);
        revert(first);
        disk.reverted(one);
        revert(second);
        disk.reverted(two);

        Disk.assertSame(content(first), one);
        Disk.assertSame(content(second), two);
        Disk.assertSame(content(third), three);
    }

    @Test
    void a_revert_that_was_carried_through_changes_nothing_more() {
        byte[] then = disk.content();
        VolumeSnapshot snapshot = takeOne();
        disk.change();

        Change change = revert(snapshot);
        assertThat(store().revert(snapshot, change, Meter.NONE)).isInstanceOfAny(Done.class, AlreadyDone.class);
        disk.reverted(then);
        Disk.assertSame(content(snapshot), then);
    }

    @Test
    void a_snapshot_in_the_middle_of_others_is_removed() {
        byte[] one = disk.content();
        VolumeSnapshot first = takeOne();
        disk.change();
        VolumeSnapshot second = takeOne();
        disk.change();
        byte[] three = disk.content();
        VolumeSnapshot third = takeOne();
        disk.change();

        assertThat(remove(second, first, third)).isEqualTo(new Done());

        Disk.assertSame(content(now(first)), one);
        Disk.assertSame(content(now(third)), three);
        disk.assertIntact();
        assertThat(remove(now(first), now(third))).isEqualTo(new Done());
        Disk.assertSame(content(now(third)), three);
        assertThat(remove(now(third))).isEqualTo(new Done());
        assertNothingLeft();
        disk.assertIntact();
    }
}
