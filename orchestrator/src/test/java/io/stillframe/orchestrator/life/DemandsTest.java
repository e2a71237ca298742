package io.stillframe.orchestrator.life;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.storage.Demand;
import org.junit.jupiter.api.Test;

class DemandsTest {
    private static final long GIB = 1L << 30;

    private final Demands demands = new Demands();

    @Test
    void each_has_room_and_both_together_have_none() {
        demands.add(new Demand("vda", 50 * GIB, "file system /images", 60 * GIB));
        assertThat(demands.shortage()).isEmpty();
        demands.add(new Demand("vdb", 50 * GIB, "file system /images", 60 * GIB));
        assertThat(demands.shortage())
                .contains(
                        "all its disks together may take 102400 MiB of file system /images, 61440 MiB may be taken there");
    }

    @Test
    void what_lies_elsewhere_takes_nothing_away() {
        demands.add(new Demand("vda", 50 * GIB, "volume group a", 60 * GIB));
        demands.add(new Demand("vdb", 50 * GIB, "volume group b", 60 * GIB));
        assertThat(demands.shortage()).isEmpty();
    }

    @Test
    void what_is_the_same_takes_its_room_once() {
        demands.add(new Demand("tank/images", 30 * GIB, "pool tank", 40 * GIB));
        demands.add(new Demand("tank/images", 35 * GIB, "pool tank", 40 * GIB));
        assertThat(demands.shortage()).isEmpty();
    }

    @Test
    void the_least_that_was_seen_counts() {
        demands.add(new Demand("vda", 1 * GIB, "pool tank", 40 * GIB));
        demands.add(new Demand("vdb", 1 * GIB, "pool tank", 1 * GIB));
        assertThat(demands.shortage()).isPresent();
    }
}
