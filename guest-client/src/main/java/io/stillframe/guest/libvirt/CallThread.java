package io.stillframe.guest.libvirt;

import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.guest.Printable;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * The thread on which the native calls of one handle run, one after the other, and past whose deadline nobody waits. A
 * native call cannot be interrupted: one that outlives its deadline goes on, the handle is stuck, and calls on it fail
 * at once until it has returned. What a handle holds is used and released on this thread only, so nothing is ever
 * freed under a call that is still under way.
 */
final class CallThread {
    private final String owner;
    private final ThreadPoolExecutor executor;
    private volatile Call<?> running;
    private boolean closed;

    /** @param owner whose calls these are, as messages say it: {@code vm 'db01'} */
    CallThread(String owner) {
        this.owner = Printable.of(owner);
        this.executor = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(task, "libvirt " + this.owner);
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Runs a call and waits for its end, at most as long as the limit; time spent behind other calls counts.
     *
     * @throws GuestException {@link GuestFailure#DEADLINE} when the limit passed or the waiting thread was interrupted;
     *     and whatever the call itself throws
     * @throws IllegalStateException when the handle is closed
     */
    <T> T call(String what, Duration limit, Supplier<T> body) {
        Call<T> call = new Call<>(what, limit, body);
        enqueue(call);
        try {
            return call.result.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw overdue(call, "did not end within " + limit.toMillis() + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw overdue(call, "was interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) e.getCause();
        }
    }

    /**
     * Closes for new calls and releases what the handle holds, after the calls before it. Waits for that, but not
     * behind a stuck call: then the release happens when the call returns, if ever.
     */
    void close(Duration grace, Runnable release) {
        synchronized (executor) {
            if (closed) {
                return;
            }
            closed = true;
            executor.execute(release);
            executor.shutdown();
        }
        if (stuckCall() != null) {
            return;
        }
        try {
            executor.awaitTermination(grace.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void enqueue(Call<?> call) {
        Call<?> stuck = stuckCall();
        if (stuck != null) {
            throw deadline(call, "not sent: an earlier " + stuck.what + " has not returned", null);
        }
        synchronized (executor) {
            requireOpen();
            executor.execute(call);
        }
    }

    void requireOpen() {
        synchronized (executor) {
            if (closed) {
                throw new IllegalStateException(owner + " is closed");
            }
        }
    }

    private Call<?> stuckCall() {
        Call<?> current = running;
        return current != null && current.pastDeadline() ? current : null;
    }

    private GuestException overdue(Call<?> call, String why, Exception cause) {
        boolean neverSent = call.withdraw();
        // behind a call that hangs, what nobody waits for any more would pile up
        executor.remove(call);
        return deadline(call, why + (neverSent ? "; it was not sent" : "; it may still be under way"), cause);
    }

    private GuestException deadline(Call<?> call, String why, Exception cause) {
        return new GuestException(GuestFailure.DEADLINE, 0, call.what + " of " + owner + ": " + why, cause);
    }

    private final class Call<T> implements Runnable {
        private final String what;
        private final Supplier<T> body;
        private final long start = System.nanoTime();
        private final long limitNanos;
        /** Taken by the thread that runs the call, or by the waiter that no longer wants it. */
        private final AtomicBoolean taken = new AtomicBoolean();

        private final CompletableFuture<T> result = new CompletableFuture<>();

        Call(String what, Duration limit, Supplier<T> body) {
            this.what = what;
            this.limitNanos = limit.toNanos();
            this.body = body;
        }

        boolean withdraw() {
            return taken.compareAndSet(false, true);
        }

        boolean pastDeadline() {
            return System.nanoTime() - start >= limitNanos;
        }

        @Override
        public void run() {
            if (!taken.compareAndSet(false, true)) {
                return;
            }
            running = this;
            T value;
            try {
                value = body.get();
            } catch (Throwable e) { // whatever it is, it is the caller's
                running = null;
                result.completeExceptionally(e);
                return;
            }
            running = null;
            result.complete(value);
        }
    }
}
