package io.stillframe.storage.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.storage.Condition;
import io.stillframe.storage.Outcome.Done;
import io.stillframe.storage.Outcome.Refused;
import io.stillframe.storage.Plan;
import io.stillframe.storage.View;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.lvm.CowSize;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The driver of thick logical volumes, on real ones. */
class LvmThickHostTest {
    @Nested
    class Taking extends TakingSuite {
        @Override
        Backend make() {
            return LvmBackend.thick();
        }
    }

    @Nested
    class Life extends LifeSuite {
        @Override
        Backend make() {
            return LvmBackend.thick();
        }
    }

    /** Snapshots with the room of one extent, half of what the disk holds. */
    @Nested
    class Overflow extends Living {
        @Override
        Backend make() {
            return LvmBackend.thick(new CowSize.Bytes(Disk.SIZE / 2));
        }

        @Test
        void a_snapshot_that_overflowed_is_lost_given_to_nobody_and_can_be_removed() throws IOException {
            VolumeSnapshot snapshot = takeOne();
            disk.fill((byte) 7);
            backend.flush("vda");
            assertThat(store().condition(snapshot)).isInstanceOf(Condition.Lost.class);
            assertThat(store().glance().condition(snapshot)).isInstanceOf(Condition.Lost.class);
            assertThat(driver().verify(List.of(snapshot))).isInstanceOf(Refused.class);
            disk.assertIntact();

            backend.powerOff();
            assertThat(store().open(snapshot)).isInstanceOf(View.Refused.class);
            assertThat(store().planClone(snapshot, Labels.next())).isInstanceOf(Plan.Refused.class);
            assertThat(store().planRevert(snapshot, Labels.next())).isInstanceOf(Plan.Refused.class);

            assertThat(remove(snapshot)).isEqualTo(new Done());
            assertNothingLeft();
            disk.assertIntact();
        }
    }

    @Nested
    class Interruption extends InterruptionSuite {
        @Override
        Backend make() {
            return LvmBackend.thick();
        }
    }
}
