package io.stillframe.storage.lvm;

/** How much room is set aside for what is written to a volume while its thick snapshot lives. */
public sealed interface CowSize {
    /**
     * The bytes for an origin of so many; LVM rounds up to whole extents, and sets aside no more than ever can be used.
     *
     * @param origin the size of the volume in bytes
     */
    long of(long origin);

    /**
     * A share of the origin.
     *
     * @param percent from 1 to 100
     */
    record Percent(int percent) implements CowSize {
        public Percent {
            if (percent < 1 || percent > 100) {
                throw new IllegalArgumentException("not between 1 and 100 percent: " + percent);
            }
        }

        @Override
        public long of(long origin) {
            return (origin + 99) / 100 * percent;
        }
    }

    /**
     * The same for all.
     *
     * @param bytes more than 0
     */
    record Bytes(long bytes) implements CowSize {
        public Bytes {
            if (bytes <= 0) {
                throw new IllegalArgumentException("not more than 0 bytes: " + bytes);
            }
        }

        @Override
        public long of(long origin) {
            return bytes;
        }
    }
}
