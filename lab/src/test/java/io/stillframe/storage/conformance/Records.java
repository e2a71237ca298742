package io.stillframe.storage.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/**
 * Writes numbered records to two disks in turn, each on stable storage before the next: whatever is taken at one moment
 * holds the first so many of them and no other.
 */
final class Records implements AutoCloseable {
    private static final int SIZE = 512;
    private static final int MORE = 6;
    /** So that the disks have room for as long as taking a snapshot lasts: more than a minute. */
    private static final long BETWEEN = 5_000_000;

    private final Backend backend;
    private final Disk[] disks;
    private final Thread writer;
    private volatile int written;
    private volatile boolean ended;
    private volatile Exception failure;

    Records(Backend backend, Disk... disks) {
        this.backend = backend;
        this.disks = disks;
        this.writer = new Thread(this::write, "writer");
        for (Disk disk : disks) {
            disk.fill((byte) 0);
        }
        writer.start();
    }

    private void write() {
        try {
            while (!ended && written < Disk.SIZE / SIZE) {
                int number = written + 1;
                String disk = disks[number % disks.length].name();
                backend.write(disk, written * SIZE, record(number));
                backend.flush(disk);
                written = number;
                LockSupport.parkNanos(BETWEEN);
            }
        } catch (IOException | RuntimeException e) {
            failure = e;
        }
    }

    private static byte[] record(int number) {
        ByteBuffer record = ByteBuffer.allocate(SIZE);
        while (record.hasRemaining()) {
            record.putInt(number);
        }
        return record.array();
    }

    /** Returns when some more have been written. */
    void awaitMore() {
        int now = written;
        while (written < now + MORE && writer.isAlive()) {
            LockSupport.parkNanos(BETWEEN);
        }
        assertThat(failure).isNull();
        assertThat(written).as("room for more records").isGreaterThanOrEqualTo(now + MORE);
    }

    /** Ends the writing; the number of the last one. */
    int end() {
        close();
        return written;
    }

    /** The last record that a disk holds, of those for it: all before it are there, and none behind it. */
    static int upTo(byte[] content, int disk) {
        int last = 0;
        for (int number = 1; number <= content.length / SIZE; number++) {
            if (number % 2 == disk) {
                byte[] found = Arrays.copyOfRange(content, (number - 1) * SIZE, number * SIZE);
                if (Arrays.equals(found, record(number))) {
                    assertThat(last)
                            .as("record %d, and those before it", number)
                            .isEqualTo(Math.max(0, number - 2));
                    last = number;
                }
            }
        }
        return last;
    }

    @Override
    public void close() {
        ended = true;
        try {
            writer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        assertThat(failure).isNull();
    }
}
