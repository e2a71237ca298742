package io.stillframe.orchestrator.life;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.db.JournalException;
import io.stillframe.db.Snapshot;
import io.stillframe.guest.Faults.Died;
import io.stillframe.guest.Faults.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OpenSnapshotTest {
    @Test
    void at_whatever_call_its_process_dies_what_it_opened_is_known_and_can_be_closed() {
        int nth = 0;
        for (boolean died = true; died; nth++) {
            LifeWorld world = new LifeWorld(false);
            Snapshot snapshot = world.snapshot(1);
            world.faults.dieAt(nth, () -> {});
            died = dies(world, snapshot);
            world.faults.revive();
            requireKnownAndClosable(world, snapshot);
        }
        assertThat(nth).isGreaterThan(4);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void whatever_call_goes_wrong_what_is_open_is_known_and_can_be_closed(Kind kind) {
        LifeWorld undisturbed = new LifeWorld(false);
        dies(undisturbed, undisturbed.snapshot(1));
        int calls = undisturbed.faults.calls().size();
        assertThat(calls).isGreaterThan(4);
        for (int nth = 0; nth < calls; nth++) {
            LifeWorld world = new LifeWorld(false);
            Snapshot snapshot = world.snapshot(1);
            world.faults.onNth(nth, kind);
            dies(world, snapshot);
            requireKnownAndClosable(world, snapshot);
        }
    }

    @Test
    void what_was_open_before_stays_open_where_it_cannot_be_opened_again() {
        LifeWorld world = new LifeWorld(false);
        Snapshot snapshot = world.snapshot(1);
        assertThat(new OpenSnapshot(world.place()).open(snapshot).paths()).hasSize(2);
        world.faults.on("store.open", Kind.REFUSED);
        Snapshot open = world.find(snapshot.run()).orElseThrow();
        assertThat(new OpenSnapshot(world.place()).open(open).problem()).isPresent();
        assertThat(world.storage.open()).hasSize(2);
        assertThat(world.find(snapshot.run()).orElseThrow().openedAt()).isEqualTo(open.openedAt());
    }

    private static boolean dies(LifeWorld world, Snapshot snapshot) {
        try {
            var unused = new OpenSnapshot(world.place()).open(snapshot);
            return false;
        } catch (Died | JournalException e) {
            return true;
        }
    }

    private static void requireKnownAndClosable(LifeWorld world, Snapshot snapshot) {
        Snapshot known = world.find(snapshot.run()).orElseThrow();
        if (!world.storage.open().isEmpty()) {
            assertThat(known.openedAt()).as("%s", world.faults.calls()).isPresent();
        }
        assertThat(new OpenSnapshot(world.place()).close(known).problem())
                .as("%s", world.faults.calls())
                .isEmpty();
        assertThat(world.storage.open()).isEmpty();
        assertThat(world.find(snapshot.run()).orElseThrow().openedAt()).isEmpty();
    }
}
