package io.stillframe.storage.lvm;

/** How much room is set aside for what is written to a volume while its thick snapshot lives. */
public sealed interface CowSize {
    /** What LVM's snapshots copy at once unless told otherwise, in bytes. */
    int CHUNK = 4096;

    /** A chunk of the store's tables names this many others, 16 bytes each (drivers/md/dm-snap-persistent.c). */
    int EXCEPTIONS_A_TABLE = CHUNK / 16;

    /**
     * The bytes for an origin of so many, before they are rounded up to whole extents.
     *
     * @param origin the size of the volume in bytes
     */
    long of(long origin);

    /**
     * A share of what an origin that is written anew as a whole takes: all of its chunks, and the tables that say which they
     * are. With 100 a snapshot never overflows.
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
            long tables = origin / EXCEPTIONS_A_TABLE + 3 * CHUNK;
            return (origin + tables + 99) / 100 * percent;
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
