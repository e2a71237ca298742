package io.stillframe.orchestrator.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
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

    @Test
    void a_beat_does_not_wait_for_what_is_on_its_way_to_one_that_does_not_read() throws Exception {
        Stuck stuck = new Stuck();
        EventStream events = new EventStream(stuck);
        CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> send(events));
        stuck.reached.await();
        events.beat();
        assertThat(events.isGone()).isFalse();
        assertThat(sent).isNotDone();
        stuck.passes.countDown();
        sent.get();
        assertThat(stuck.writes).hasValue(1);
    }

    @Test
    void what_is_due_when_a_stream_has_ended_is_not_written() {
        Stuck open = new Stuck();
        open.passes.countDown();
        EventStream events = new EventStream(open);
        events.end();
        events.beat();
        assertThat(open.writes).hasValue(0);
    }

    private static void send(EventStream events) {
        try {
            events.send("event", "data");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Takes nothing until it is let. */
    private static final class Stuck extends OutputStream {
        private final AtomicInteger writes = new AtomicInteger();
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch passes = new CountDownLatch(1);

        @Override
        public void write(int b) throws IOException {
            write(new byte[1], 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            reached.countDown();
            try {
                passes.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            writes.incrementAndGet();
        }
    }

    private static final class Closed extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            throw new IOException("whoever listened has closed");
        }
    }
}
