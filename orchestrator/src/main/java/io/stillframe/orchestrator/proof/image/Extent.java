package io.stillframe.orchestrator.proof.image;

/**
 * A piece of a disk that appears somewhere else.
 *
 * @param at where it appears
 * @param from where it lies
 * @param length all in bytes
 */
public record Extent(long at, long from, long length) {
    public Extent {
        if (at < 0 || from < 0 || length < 0 || at > Long.MAX_VALUE - length) {
            throw new Unreadable("a number is beyond all sizes");
        }
    }

    /**
     * Lets pass a range that lies within a disk.
     *
     * @throws Unreadable when it does not
     */
    static void within(long size, long offset, long length) {
        if (offset < 0 || length < 0 || offset > size - length) {
            throw new Unreadable("it refers to %d bytes at %d, beyond the end at %d".formatted(length, offset, size));
        }
    }

    /**
     * A size in bytes from a number and a unit.
     *
     * @throws Unreadable when it is beyond all sizes
     */
    public static long product(long count, long unit) {
        try {
            return Math.multiplyExact(count, unit);
        } catch (ArithmeticException e) {
            throw new Unreadable("a number is beyond all sizes");
        }
    }

    long end() {
        return at + length;
    }
}
