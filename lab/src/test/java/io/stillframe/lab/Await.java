package io.stillframe.lab;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for a condition, up to a deadline: what a test waits for is always something it can see. */
final class Await {
    /**
     * Far above what a guest needs even on a crowded machine: reaching it is a failure, never a slow day. More inside the
     * host VM, whose guests are emulated by an emulated machine.
     */
    static final Duration PATIENCE = Duration.ofSeconds(Long.getLong("stillframe.patience", 180));

    private static final long BETWEEN_LOOKS = TimeUnit.MILLISECONDS.toNanos(20);
    /** In looks: one that takes long leaves the machine to what is waited for. */
    private static final int REST = 9;

    private static final long LONG_REST = TimeUnit.MILLISECONDS.toNanos(200);

    private Await() {}

    static void until(String what, BooleanSupplier condition) {
        value(what, () -> condition.getAsBoolean() ? Optional.of(true) : Optional.empty());
    }

    static <T> T value(String what, Supplier<Optional<T>> look) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            long begin = System.nanoTime();
            Optional<T> seen = look.get();
            if (seen.isPresent()) {
                return seen.get();
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not seen within %d s: %s".formatted(PATIENCE.toSeconds(), what));
            }
            LockSupport.parkNanos(rest(System.nanoTime() - begin));
        }
    }

    /** Beyond a long rest only as much as the look itself took. */
    private static long rest(long look) {
        long rest = Math.max(look, Math.min(LONG_REST, REST * look));
        return Math.max(BETWEEN_LOOKS, rest);
    }
}
