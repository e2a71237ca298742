package io.stillframe.guest.libvirt;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CallThreadTest {
    private static final Duration SHORT = Duration.ofMillis(30);
    private static final Duration LONG = Duration.ofSeconds(20);

    private final CallThread thread = new CallThread("vm 'db01'");
    private final NativeCall hung = new NativeCall();

    @AfterEach
    void letTheCallReturn() {
        hung.letReturn();
        thread.close(LONG, () -> {});
    }

    @Test
    void a_calls_result_and_its_failure_reach_the_caller() {
        assertThat(thread.<Integer>call("freeze", LONG, () -> 2)).isEqualTo(2);

        GuestException failure = new GuestException(GuestFailure.NOT_RUNNING, "off");
        assertThatExceptionOfType(GuestException.class)
                .isThrownBy(() -> thread.call("freeze", LONG, throwing(failure)))
                .isSameAs(failure);
        assertThatExceptionOfType(UnsatisfiedLinkError.class)
                .isThrownBy(() -> thread.call("freeze", LONG, throwing(new UnsatisfiedLinkError("gone"))));
    }

    @Test
    void a_call_that_hangs_ends_for_its_caller_at_the_deadline() {
        assertThatExceptionOfType(GuestException.class)
                .isThrownBy(() -> thread.call("freeze", SHORT, hung))
                .matches(e -> e.failure() == GuestFailure.DEADLINE)
                .withMessage("freeze of vm 'db01': did not end within 30 ms; it may still be under way");
    }

    @Test
    void a_stuck_handle_fails_at_once_until_the_call_has_returned() {
        hang();

        AtomicInteger sent = new AtomicInteger();
        assertThatExceptionOfType(GuestException.class)
                .isThrownBy(() -> thread.call("thaw", LONG, sent::incrementAndGet))
                .matches(e -> e.failure() == GuestFailure.DEADLINE)
                .withMessage("thaw of vm 'db01': not sent: an earlier freeze has not returned");
        assertThat(sent).hasValue(0);

        hung.letReturn();
        assertThat(callOnceFree(sent::incrementAndGet)).isEqualTo(1);
    }

    @Test
    void a_stuck_handle_holds_up_no_other_one() {
        hang();
        CallThread other = new CallThread("vm 'db01'");

        assertThat(other.<String>call("thaw", LONG, () -> "thawed")).isEqualTo("thawed");
        other.close(LONG, () -> {});
    }

    @Test
    void a_call_whose_turn_did_not_come_in_time_is_never_sent() throws InterruptedException {
        AtomicBoolean sent = new AtomicBoolean();
        Thread first = new Thread(() -> thread.call("freeze", LONG, hung));
        first.start();
        hung.awaitStart();

        assertThatExceptionOfType(GuestException.class)
                .isThrownBy(() -> thread.call("status", SHORT, () -> sent.getAndSet(true)))
                .withMessageEndingWith("did not end within 30 ms; it was not sent");
        hung.letReturn();
        first.join();
        thread.<Void>call("anything", LONG, () -> null);

        assertThat(sent).isFalse();
    }

    @Test
    void what_was_given_up_before_its_turn_is_not_kept_until_then() {
        new Thread(() -> thread.call("freeze", LONG, hung)).start();
        WeakReference<Object> given = giveUp();

        long deadline = System.nanoTime() + LONG.toNanos();
        while (given.get() != null) {
            assertThat(System.nanoTime()).as("collected in time").isLessThan(deadline);
            System.gc();
        }
    }

    /** A call behind the one that hangs, and what only that call refers to. */
    private WeakReference<Object> giveUp() {
        Object answer = new Object();
        assertThatExceptionOfType(GuestException.class).isThrownBy(() -> {
            hung.awaitStart();
            thread.call("status", SHORT, () -> answer);
        });
        return new WeakReference<>(answer);
    }

    @Test
    void an_interrupted_caller_stays_interrupted_and_does_not_know_the_effect() {
        Thread.currentThread().interrupt();

        assertThatExceptionOfType(GuestException.class)
                .isThrownBy(() -> thread.call("freeze", LONG, hung))
                .matches(
                        e -> e.failure() == GuestFailure.DEADLINE && e.failure().effectUnknown());
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void a_closed_handle_takes_no_calls_and_is_released_once() {
        AtomicInteger released = new AtomicInteger();
        thread.close(LONG, released::incrementAndGet);
        thread.close(LONG, released::incrementAndGet);

        assertThat(released).hasValue(1);
        assertThatIllegalStateException()
                .isThrownBy(() -> thread.call("freeze", LONG, () -> null))
                .withMessage("vm 'db01' is closed");
    }

    @Test
    void closing_a_stuck_handle_does_not_wait_and_releases_only_after_the_call() throws InterruptedException {
        hang();
        CountDownLatch released = new CountDownLatch(1);
        thread.close(LONG, released::countDown);
        assertThat(released.getCount()).isEqualTo(1);

        hung.letReturn();
        assertThat(released.await(20, SECONDS)).isTrue();
    }

    private void hang() {
        assertThatExceptionOfType(GuestException.class).isThrownBy(() -> thread.call("freeze", SHORT, hung));
    }

    /** The hung call returns on its own thread a moment after the latch: until then the handle is still stuck. */
    private int callOnceFree(Supplier<Integer> body) {
        while (true) {
            try {
                return thread.call("thaw", LONG, body);
            } catch (GuestException e) {
                assertThat(e).hasMessageContaining("has not returned");
                Thread.onSpinWait();
            }
        }
    }

    private static Supplier<Void> throwing(Throwable failure) {
        return () -> {
            if (failure instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) failure;
        };
    }

    /** Blocks as native code does: it takes no notice of interrupts, and only the latch ends it. */
    private static final class NativeCall implements Supplier<Integer> {
        private final CountDownLatch started = new CountDownLatch(1);
        private final CountDownLatch release = new CountDownLatch(1);

        void awaitStart() throws InterruptedException {
            assertThat(started.await(20, SECONDS)).isTrue();
        }

        void letReturn() {
            release.countDown();
        }

        @Override
        public Integer get() {
            started.countDown();
            while (true) {
                try {
                    release.await();
                    return 1;
                } catch (InterruptedException e) {
                    Thread.onSpinWait();
                }
            }
        }
    }
}
