package io.stillframe.orchestrator.life;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.db.RunVolume;
import io.stillframe.db.Snapshot;
import io.stillframe.db.SnapshotState;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.orchestrator.lease.VirtualTiming;
import io.stillframe.orchestrator.life.ListSnapshots.Standing;
import io.stillframe.orchestrator.workflow.Machines;
import io.stillframe.storage.Condition;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class ListSnapshotsTest {
    /** Long enough for whoever answers at all. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final LifeWorld world = new LifeWorld(false);
    private final Snapshot snapshot = world.snapshot(1);

    @Test
    void every_volume_has_its_condition_and_all_of_them_their_space() {
        Standing standing = only(world::machines, PATIENCE);
        assertThat(standing.volumes().values()).hasSize(2).allMatch(Condition.Present.class::isInstance);
        assertThat(standing.bytes())
                .hasValue(LifeWorld.moment(1).stream().mapToInt(String::length).sum());
        assertThat(standing.head()).isTrue();
        assertThat(world.guest.openHandles()).isZero();
    }

    @Test
    void space_that_several_volumes_share_is_counted_once() {
        Condition.Present shared =
                new Condition.Present(OptionalLong.of(7), OptionalDouble.empty(), Optional.of("tank/images@sf-1"));
        Condition.Present own = new Condition.Present(OptionalLong.of(5), OptionalDouble.empty());
        Standing standing = new Standing(snapshot, true, Map.of(of("vda"), shared, of("vdb"), shared, of("vdc"), own));
        assertThat(standing.bytes()).hasValue(12);
    }

    @Test
    void a_storage_that_hangs_is_not_waited_for() {
        CountDownLatch end = new CountDownLatch(1);
        world.faults.before("store.condition", () -> await(end));
        try {
            Standing standing = only(world::machines, Duration.ofMillis(1));
            assertThat(standing.volumes().values()).allMatch(Condition.Unknown.class::isInstance);
            assertThat(standing.bytes()).isEmpty();
            assertThat(standing.snapshot().state()).isEqualTo(SnapshotState.PRESENT);
        } finally {
            end.countDown();
        }
    }

    @Test
    void a_storage_that_hangs_is_not_asked_again_until_it_has_answered() {
        CountDownLatch end = new CountDownLatch(1);
        AtomicInteger asked = new AtomicInteger();
        world.faults.before("store.condition", () -> {
            asked.incrementAndGet();
            await(end);
        });
        try {
            while (asked.get() == 0) {
                only(world::machines, Duration.ofMillis(1));
            }
            only(world::machines, Duration.ofMillis(1));
            assertThat(asked).hasValue(1);
        } finally {
            end.countDown();
        }
        while (only(world::machines, PATIENCE).bytes().isEmpty()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void the_journal_is_listed_without_libvirt() {
        Standing standing = only(
                () -> {
                    throw new GuestException(GuestFailure.CONNECTION_LOST, "libvirtd is not there");
                },
                PATIENCE);
        assertThat(standing.volumes().values()).allMatch(new Condition.Unknown("libvirtd is not there")::equals);
    }

    @Test
    void one_lost_volume_and_the_moment_is_lost() {
        world.storage.lose(snapshot.volumes().get(1).snapshot());
        assertThat(only(world::machines, PATIENCE).snapshot().state()).isEqualTo(SnapshotState.LOST);
        assertThat(world.find(snapshot.run()).orElseThrow().state()).isEqualTo(SnapshotState.LOST);
        assertThat(new CloneSnapshot(world.place())
                        .of(world.find(snapshot.run()).orElseThrow(), LifeWorld.JOB, Optional.empty())
                        .result()
                        .job())
                .as("it is not offered")
                .isEmpty();
    }

    @Test
    void a_loss_that_the_storage_contradicts_is_taken_back() {
        String volume = snapshot.volumes().get(1).snapshot();
        world.storage.lose(volume);
        assertThat(only(world::machines, PATIENCE).snapshot().state()).isEqualTo(SnapshotState.LOST);
        world.storage.bringBack(volume);
        assertThat(only(world::machines, PATIENCE).snapshot().state()).isEqualTo(SnapshotState.PRESENT);
        assertThat(world.find(snapshot.run()).orElseThrow().state()).isEqualTo(SnapshotState.PRESENT);
    }

    @Test
    void a_loss_is_not_taken_back_by_a_storage_that_does_not_answer() {
        world.storage.lose(snapshot.volumes().get(1).snapshot());
        var unused = only(world::machines, PATIENCE);
        Standing standing = only(
                () -> {
                    throw new GuestException(GuestFailure.CONNECTION_LOST, "libvirtd is not there");
                },
                PATIENCE);
        assertThat(standing.snapshot().state()).isEqualTo(SnapshotState.LOST);
    }

    private static RunVolume of(String disk) {
        return new RunVolume(disk, "zfs", disk, "raw", disk, "NOTHING");
    }

    private Standing only(Supplier<Machines> machines, Duration patience) {
        ListSnapshots list = new ListSnapshots(world.journal, machines, new VirtualTiming(), patience);
        return list.newest(10).snapshots().get(0);
    }

    private static void await(CountDownLatch end) {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
