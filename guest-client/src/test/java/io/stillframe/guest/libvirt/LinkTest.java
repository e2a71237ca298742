package io.stillframe.guest.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LinkTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final List<FakeConnection> opened = new ArrayList<>();
    private final Link<FakeConnection> link = Link.open("vm 'db01'", LIMIT, this::connect);

    @AfterEach
    void closeLink() {
        link.close(LIMIT);
    }

    @Test
    void it_connects_before_it_is_needed_and_stays_connected() {
        assertThat(opened).hasSize(1);
        assertThat(number()).isZero();
        assertThat(number()).isZero();
    }

    @Test
    void a_call_that_loses_the_connection_fails_and_the_next_one_reconnects() {
        fail(GuestFailure.CONNECTION_LOST);

        assertThat(opened.get(0).closed).isEqualTo(1);
        assertThat(number()).isEqualTo(1);
    }

    @Test
    void a_connection_known_to_be_dead_is_not_used_for_a_call() {
        opened.get(0).alive = false;

        assertThat(number()).isEqualTo(1);
        assertThat(opened.get(0).closed).isEqualTo(1);
    }

    @Test
    void any_other_failure_keeps_the_connection() {
        fail(GuestFailure.AGENT_UNRESPONSIVE);

        assertThat(number()).isZero();
    }

    @Test
    void a_failed_reconnect_is_the_calls_failure_and_tried_again_by_the_next() {
        fail(GuestFailure.CONNECTION_LOST);
        refuse = true;
        assertThatExceptionOfType(GuestException.class).isThrownBy(this::number);
        refuse = false;

        assertThat(number()).isEqualTo(1);
    }

    @Test
    void closing_releases_the_connection_once() {
        link.close(LIMIT);
        link.close(LIMIT);

        assertThat(opened.get(0).closed).isEqualTo(1);
    }

    private boolean refuse;

    private FakeConnection connect() {
        if (refuse) {
            throw new GuestException(GuestFailure.CONNECTION_LOST, "no libvirtd");
        }
        FakeConnection connection = new FakeConnection(opened.size());
        opened.add(connection);
        return connection;
    }

    private int number() {
        return link.call("number", LIMIT, connection -> connection.number);
    }

    private void fail(GuestFailure failure) {
        assertThatExceptionOfType(GuestException.class)
                .isThrownBy(() -> link.call("fail", LIMIT, connection -> {
                    throw new GuestException(failure, "broken");
                }))
                .matches(e -> e.failure() == failure);
    }

    private static final class FakeConnection implements Link.Connection {
        private final int number;
        private boolean alive = true;
        private int closed;

        FakeConnection(int number) {
            this.number = number;
        }

        @Override
        public boolean alive() {
            return alive;
        }

        @Override
        public void close() {
            closed++;
        }
    }
}
