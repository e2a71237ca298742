package io.stillframe.orchestrator.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Clean;
import io.stillframe.orchestrator.proof.image.DiskImage;
import io.stillframe.orchestrator.proof.image.ReadLimits;
import io.stillframe.orchestrator.proof.image.SparseImage;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Real disks, mangled where they are read: whatever stands there leads to an answer, within bounds. The seed is printed; with
 * {@code -Dproof.seed=} a run is repeated, with {@code -Dproof.cases=} it is made longer.
 */
class MangledDiskTest {
    private static final long SEED = Long.getLong("proof.seed", System.nanoTime());
    private static final int CASES = Integer.getInteger("proof.cases", 100_000);
    private static final ReadLimits LIMITS = new ReadLimits(4L << 20, Duration.ofSeconds(20));
    /** Numbers at which arithmetic goes wrong. */
    private static final long[] EXTREMES = {
        0,
        1,
        -1,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        0xffff,
        0x8000,
        1L << 40,
        512,
        4096
    };

    @Test
    void a_mangled_disk_is_answered_within_bounds() {
        System.out.printf("mangled disks: -Dproof.seed=%d -Dproof.cases=%d%n", SEED, CASES);
        List<Original> originals = originals();
        long mostBytes = 0;
        int mostReads = 0;
        for (int i = 0; i < CASES; i++) {
            Random random = new Random(SEED + i);
            Original original = originals.get(i % originals.size());
            Mangled disk = original.mangled(random);
            DiskProof proof = examined(disk, i, original);
            mostBytes = Math.max(mostBytes, proof.bytesRead());
            mostReads = Math.max(mostReads, proof.reads());
        }
        System.out.printf("mangled disks: at most %d bytes in %d reads%n", mostBytes, mostReads);
        assertThat(mostBytes).isLessThanOrEqualTo(LIMITS.bytes());
        assertThat(mostReads).isLessThan(20_000);
    }

    /** One changed bit in what a checksum covers never makes a live filesystem clean. */
    @Test
    void no_single_bit_makes_a_live_filesystem_clean() {
        for (String name :
                List.of("ext4-live", "ext4-thawed", "xfs-live", "xfs-striped-thawed", "xfs-rewritten-synced")) {
            Original original = Original.of(name, Captured.of(name));
            for (int i = 0; i < 1000; i++) {
                Random random = new Random(SEED + i);
                Mangled disk = new Mangled(original.disk, original.disk.size());
                long at = original.place(random);
                disk.put(at, (byte) (original.disk.at(at) ^ (1 << random.nextInt(8))));
                assertThat(examined(disk, i, original).volumes())
                        .as("seed %d, %s, bit at %d", SEED + i, name, at)
                        .noneMatch(found -> found.state() instanceof Clean);
            }
        }
    }

    private static DiskProof examined(DiskImage disk, int number, Original original) {
        try {
            return new ExamineDisk(LIMITS, () -> 0).of(disk);
        } catch (RuntimeException e) {
            throw new AssertionError("seed %d, case %d, %s".formatted(SEED, number, original.name), e);
        }
    }

    /** All that is captured, alone and within partitions and logical volumes. */
    private static List<Original> originals() {
        List<Original> originals = new ArrayList<>();
        for (String name : Captured.NAMES) {
            originals.add(Original.of(name, Captured.of(name)));
        }
        SparseImage gpt = Captured.of("gpt-table").with(1 << 20, Captured.of("fat16-made"));
        originals.add(Original.of("gpt with ext4", gpt.with(17 << 20, Captured.of("ext4-frozen"))));
        SparseImage mbr = Captured.of("mbr-table").with(17 << 20, Captured.of("ext3-live"));
        originals.add(Original.of("mbr with ext3", mbr));
        SparseImage group = Captured.of("lvm-made").with(9 << 20, Captured.of("ext4-frozen"));
        originals.add(Original.of("volume group with ext4", group));
        originals.add(Original.of("gpt with group", Captured.of("gpt-table").with(49 << 20, group)));
        List<Original> quick = originals.stream().filter(Original::isQuick).toList();
        for (int more = 0; more < 4; more++) {
            originals.addAll(quick);
        }
        return originals;
    }

    // A disk, and the ranges of it that its proof reads.
    private record Original(String name, SparseImage disk, List<long[]> read) {
        static Original of(String name, SparseImage disk) {
            List<long[]> read = new ArrayList<>();
            new ExamineDisk(ReadLimits.DEFAULT, () -> 0).of(new DiskImage() {
                @Override
                public long size() {
                    return disk.size();
                }

                @Override
                public ByteBuffer read(long offset, int length) {
                    read.add(new long[] {offset, length});
                    return disk.read(offset, length);
                }
            });
            return new Original(name, disk, read);
        }

        boolean isQuick() {
            return read.stream().mapToLong(range -> range[1]).sum() < 1 << 20;
        }

        Mangled mangled(Random random) {
            Mangled disk = new Mangled(disk(), random.nextInt(10) == 0 ? truncated(random) : disk().size());
            for (int change = 1 + random.nextInt(4); change > 0; change--) {
                long at = place(random);
                switch (random.nextInt(5)) {
                    case 0 -> disk.put(at, (byte) (disk().at(at) ^ (1 << random.nextInt(8))));
                    case 1 -> disk.put(at, (byte) random.nextInt());
                    case 2 -> number(disk, at, EXTREMES[random.nextInt(EXTREMES.length)], random);
                    case 3 -> number(disk, at, random.nextLong(), random);
                    default -> copied(disk, place(random), at, 1 + random.nextInt(64));
                }
            }
            return disk;
        }

        private long truncated(Random random) {
            return random.nextBoolean() ? random.nextInt(80_000) : random.nextLong(disk.size());
        }

        // Most of what decides stands in the first bytes of what is read at once, and where something stands.
        long place(Random random) {
            for (int attempt = 0; attempt < 20; attempt++) {
                long[] range = read.get(random.nextInt(read.size()));
                long at = range[0]
                        + random.nextInt((int) Math.max(1, random.nextBoolean() ? range[1] : Math.min(512, range[1])));
                if (at < disk.size() && (attempt > 5 || disk.at(at) != 0)) {
                    return at;
                }
            }
            return random.nextLong(disk.size());
        }

        private static void number(Mangled disk, long at, long number, Random random) {
            int length = 1 << random.nextInt(4);
            boolean big = random.nextBoolean();
            for (int i = 0; i < length; i++) {
                disk.put(at + i, (byte) (number >>> (8 * (big ? length - 1 - i : i))));
            }
        }

        private void copied(Mangled disk, long from, long to, int length) {
            for (int i = 0; i < length; i++) {
                disk.put(to + i, from + i < disk().size() ? disk().at(from + i) : 0);
            }
        }
    }

    // Bytes over a disk that stays as it is.
    private static final class Mangled implements DiskImage {
        private final SparseImage disk;
        private final long size;
        private final TreeMap<Long, Byte> changed = new TreeMap<>();

        Mangled(SparseImage disk, long size) {
            this.disk = disk;
            this.size = size;
        }

        void put(long at, byte value) {
            changed.put(at, value);
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public ByteBuffer read(long offset, int length) {
            if (offset < 0 || length < 0 || offset > size - length) {
                throw new AssertionError("read out of bounds: %d at %d of %d".formatted(length, offset, size));
            }
            ByteBuffer bytes = disk.read(offset, length);
            changed.subMap(offset, offset + length).forEach((at, value) -> bytes.put((int) (at - offset), value));
            return bytes;
        }
    }
}
