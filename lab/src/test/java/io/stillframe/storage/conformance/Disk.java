package io.stillframe.storage.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.storage.Outcome;
import io.stillframe.storage.SnapshotStore;
import io.stillframe.storage.View;
import io.stillframe.storage.VolumeSnapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;

/** A disk of the machine, and what it must hold. */
final class Disk {
    static final int SIZE = 8 << 20;
    private static final int PIECE = 24 << 10;

    private final Backend backend;
    private final String name;
    private final byte[] expected = new byte[SIZE];
    private final Random random;

    private Disk(Backend backend, String name) {
        this.backend = backend;
        this.name = name;
        this.random = new Random(name.hashCode());
    }

    /** Made with some content on it. */
    static Disk make(Backend backend, String name) {
        backend.makeVolume(name, SIZE);
        Disk disk = new Disk(backend, name);
        disk.change();
        return disk;
    }

    String name() {
        return name;
    }

    /** Writes here and there, without a flush. */
    void change() {
        for (int i = 0; i < 6; i++) {
            byte[] piece = new byte[PIECE];
            random.nextBytes(piece);
            write(random.nextInt((SIZE - PIECE) / 512) * 512, piece);
        }
    }

    /** Writes all of it. */
    void fill(byte value) {
        byte[] all = new byte[SIZE];
        Arrays.fill(all, value);
        write(0, all);
    }

    private void write(int offset, byte[] bytes) {
        try {
            backend.write(name, offset, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        System.arraycopy(bytes, 0, expected, offset, bytes.length);
    }

    /** What it must hold now. */
    byte[] content() {
        return expected.clone();
    }

    /** It holds again what it held then. */
    void reverted(byte[] content) {
        System.arraycopy(content, 0, expected, 0, SIZE);
        assertIntact();
    }

    /** Reads what must be there, and writes to it: nothing holds back the machine. */
    void assertIntact() {
        assertSame(read(), expected);
        change();
        assertSame(read(), expected);
    }

    private byte[] read() {
        try {
            return backend.read(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Compares as fast as can be: element by element it would take minutes in the host VM. */
    static void assertSame(byte[] found, byte[] wanted) {
        assertThat(Arrays.mismatch(found, wanted))
                .as("the first byte that differs")
                .isEqualTo(-1);
    }

    /** What a snapshot holds; it is closed again. */
    static byte[] content(SnapshotStore store, VolumeSnapshot snapshot) {
        byte[] content = read(path(store.open(snapshot)));
        assertThat(store.close(snapshot)).isEqualTo(new Outcome.Done());
        return content;
    }

    /** Whether a write is accepted; what is written is there already. */
    static boolean takesWrites(Path path) {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer there = ByteBuffer.allocate(4096);
            channel.read(there, 0);
            channel.write(there.flip(), 0);
            channel.force(true);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    static Path path(View view) {
        assertThat(view).isInstanceOf(View.Opened.class);
        return ((View.Opened) view).path();
    }

    static byte[] read(Path path) {
        try {
            return Files.readAllBytes(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
