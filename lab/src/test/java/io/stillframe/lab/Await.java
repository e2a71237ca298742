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
    /** Looks that take long leave the machine to what is waited for: so many times as long as they took, but no longer than... */
    private static final int REST = 9;

    /** ...this; one that takes longer than that, as long as itself. */
    private static final long MUCH_REST = TimeUnit.MILLISECONDS.toNanos(200);

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

    private static long rest(long look) {
        long rest = Math.max(look, Math.min(MUCH_REST, REST * look));
        return Math.max(BETWEEN_LOOKS, rest);
    }
}
