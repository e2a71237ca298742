package io.stillframe.db;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * The power fails at a place of the tape. What was synced is there. Of the rest, any part is, in any order: writes whole
 * or by sectors, lengths, names. Where nothing was written that a length covers, there is nothing, or what the disk held
 * there before.
 */
final class PowerLoss {
    private static final int SECTOR = 512;

    private final Tape tape;
    private final int end;
    private final Random random;
    private final double survives;
    private final boolean torn;
    private final boolean shuffled;
    private final boolean lengthFirst;
    private final boolean stale;

    PowerLoss(Tape tape, Random random) {
        this.tape = tape;
        this.end = random.nextInt(tape.beginning(), tape.position() + 1);
        this.random = random;
        this.survives = new double[] {0, 0.1, 0.5, 0.9, 0.99, 1}[random.nextInt(6)];
        this.torn = random.nextBoolean();
        this.shuffled = random.nextBoolean();
        this.lengthFirst = random.nextInt(4) == 0;
        this.stale = random.nextBoolean();
    }

    int end() {
        return end;
    }

    /** Whether it was no loss at all: as when the process is killed. */
    boolean isNone() {
        return survives == 1 && !shuffled;
    }

    /** What the directory holds afterwards. */
    Map<String, byte[]> image() {
        Map<String, byte[]> image = new TreeMap<>();
        names().forEach((name, file) -> image.put(name, contents(file)));
        return image;
    }

    @Override
    public String toString() {
        return "at entry %d: %s of the rest, %s%s%s%s"
                .formatted(
                        end,
                        survives,
                        torn ? "in sectors" : "in writes",
                        shuffled ? ", shuffled" : "",
                        lengthFirst ? ", lengths first" : "",
                        stale ? ", stale blocks" : "");
    }

    private Map<String, Integer> names() {
        Map<String, Integer> names = new HashMap<>();
        int synced = synced(-1);
        for (int i = 0; i < end; i++) {
            if (i >= synced && !survives()) {
                continue;
            }
            Tape.Entry entry = tape.entry(i);
            if (entry instanceof Tape.Link link) {
                names.put(link.name(), link.file());
            } else if (entry instanceof Tape.Rename rename) {
                names.remove(rename.from());
                names.put(rename.to(), rename.file());
            } else if (entry instanceof Tape.Unlink unlink) {
                names.remove(unlink.name());
            }
        }
        return names;
    }

    /** Up to where everything is on the disk: of a file, or of the names. */
    private int synced(int file) {
        int synced = 0;
        for (int i = 0; i < end; i++) {
            Tape.Entry entry = tape.entry(i);
            if (entry instanceof Tape.SyncFile sync && sync.file() == file) {
                synced = Math.max(synced, sync.begin());
            } else if (entry instanceof Tape.SyncNames sync && file < 0) {
                synced = Math.max(synced, sync.begin());
            }
        }
        return synced;
    }

    private boolean survives() {
        return random.nextDouble() < survives;
    }

    private byte[] contents(int file) {
        Contents contents = new Contents();
        int synced = synced(file);
        List<Tape.Entry> rest = new ArrayList<>();
        for (int i = 0; i < end; i++) {
            Tape.Entry entry = tape.entry(i);
            if (file(entry) == file) {
                if (i < synced) {
                    contents.apply(entry);
                } else {
                    rest.addAll(torn ? sectors(entry) : List.of(entry));
                }
            }
        }
        if (lengthFirst) {
            contents.grow(rest.stream().mapToInt(PowerLoss::length).max().orElse(0));
        }
        if (shuffled) {
            Collections.shuffle(rest, random);
        }
        rest.stream().filter(entry -> survives()).forEach(contents::apply);
        return contents.bytes();
    }

    /** The file whose contents it changes; none where it does not. */
    private static int file(Tape.Entry entry) {
        if (entry instanceof Tape.Write write) {
            return write.file();
        }
        return entry instanceof Tape.Truncate truncate ? truncate.file() : -1;
    }

    private static int length(Tape.Entry entry) {
        return entry instanceof Tape.Write write
                ? write.offset() + write.bytes().remaining()
                : 0;
    }

    private static List<Tape.Entry> sectors(Tape.Entry entry) {
        if (!(entry instanceof Tape.Write write)) {
            return List.of(entry);
        }
        List<Tape.Entry> sectors = new ArrayList<>();
        int length = write.bytes().remaining();
        for (int from = 0; from < length; ) {
            int to = Math.min(length, from + SECTOR - (write.offset() + from) % SECTOR);
            sectors.add(new Tape.Write(
                    write.file(), write.offset() + from, write.bytes().slice(from, to - from)));
            from = to;
        }
        return sectors;
    }

    /** A file's bytes as they come to be on the disk. */
    private final class Contents {
        private byte[] bytes = new byte[1 << 20];
        private int length;

        void apply(Tape.Entry entry) {
            if (entry instanceof Tape.Write write) {
                grow(length(write));
                write.bytes().get(0, bytes, write.offset(), write.bytes().remaining());
            } else if (entry instanceof Tape.Truncate truncate && truncate.length() < length) {
                Arrays.fill(bytes, (int) truncate.length(), length, (byte) 0);
                length = (int) truncate.length();
            }
        }

        void grow(int to) {
            if (to > bytes.length) {
                bytes = Arrays.copyOf(bytes, 2 * to);
            }
            int before = length;
            length = Math.max(length, to);
            if (stale && before >= SECTOR) {
                // nothing misleads like sectors of the same file
                for (int at = before; at < to; at += SECTOR) {
                    int from = random.nextInt(before / SECTOR) * SECTOR;
                    System.arraycopy(bytes, from, bytes, at, Math.min(SECTOR, to - at));
                }
            }
        }

        byte[] bytes() {
            return Arrays.copyOf(bytes, length);
        }
    }
}
