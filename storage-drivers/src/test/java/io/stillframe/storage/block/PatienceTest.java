package io.stillframe.storage.block;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class PatienceTest {
    @Test
    void what_nobody_stands_against_is_looked_at_once() {
        assertThat(looked(new Patience(3), "free")).isEqualTo("free");
    }

    @Test
    void whoever_goes_away_meanwhile_is_waited_for() {
        assertThat(looked(new Patience(3), "busy", "busy", "free")).isEqualTo("free");
    }

    @Test
    void whoever_stays_is_told_after_the_last_look() {
        assertThat(looked(new Patience(2), "busy", "still busy")).isEqualTo("still busy");
    }

    private static String looked(Patience patience, String... states) {
        Queue<String> next = new ArrayDeque<>(List.of(states));
        String found = patience.await(state -> state.endsWith("busy"), next::remove);
        assertThat(next).isEmpty();
        return found;
    }
}
