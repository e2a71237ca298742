package io.stillframe.orchestrator.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventStreamTest {
    private final List<String> told = new ArrayList<>();

    @Test
    void who_was_gone_before_anybody_wanted_to_know_is_missed_all_the_same() {
        EventStream events = new EventStream(new Closed());
        events.beat();
        events.onGone(() -> told.add("gone"));
        assertThat(told).containsExactly("gone");
    }

    @Test
    void who_is_gone_is_missed_once() {
        EventStream events = new EventStream(new Closed());
        events.onGone(() -> told.add("gone"));
        events.beat();
        events.beat();
        assertThat(told).containsExactly("gone");
    }

    private static final class Closed extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            throw new IOException("whoever listened has closed");
        }
    }
}
