package io.stillframe.storage.block;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * With whoever has a disk open for a moment only: each LVM command looks at all block devices of its host, zvols too, and udev
 * at every one that was made or that somebody has closed who could write to it. Whoever has it at the last look uses it.
 *
 * <p>Never to be had while a machine waits.
 *
 * @param looks how often is looked, 1 at least; there is a fifth of a second between two of them
 */
public record Patience(int looks) {
    /** Ten seconds: what reads a label has long ended by then, also on a busy host. */
    public static final Patience USUAL = new Patience(50);

    private static final long BETWEEN = TimeUnit.MILLISECONDS.toNanos(200);

    /** How it is now, or what came of trying it. */
    @FunctionalInterface
    public interface Look<T, E extends Exception> {
        /** Looks, or tries, once more. */
        T take() throws E;
    }

    /**
     * What the first look finds that nobody stands against, else what the last one finds.
     *
     * @param inTheWay whether somebody stands against what was found
     */
    public <T, E extends Exception> T await(Predicate<T> inTheWay, Look<T, E> look) throws E {
        T found = look.take();
        for (int i = 1; i < looks && inTheWay.test(found); i++) {
            LockSupport.parkNanos(BETWEEN);
            found = look.take();
        }
        return found;
    }
}
