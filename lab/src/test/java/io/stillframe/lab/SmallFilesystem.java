package io.stillframe.lab;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A filesystem in memory, small enough to be filled to its last byte. */
final class SmallFilesystem implements AutoCloseable {
    private static final String SIZE = "32m";
    private static final int BLOCK = 1 << 12;

    private final Path root;

    private SmallFilesystem(Path root) {
        this.root = root;
    }

    static SmallFilesystem at(Path root) {
        try {
            Files.createDirectories(root);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Tool.out("mount", "-t", "tmpfs", "-o", "mode=0700,size=" + SIZE, "stillframe-lab", root.toString());
        return new SmallFilesystem(root);
    }

    /** Leaves no room at all. */
    void fill() {
        try (OutputStream ballast = Files.newOutputStream(ballast(), StandardOpenOption.CREATE_NEW)) {
            byte[] block = new byte[BLOCK];
            while (true) {
                ballast.write(block);
            }
        } catch (IOException e) {
            // full
            requireFull(e);
        }
    }

    void makeRoom() {
        try {
            Files.delete(ballast());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        // lazily: a sentinel that is about to end may still have its log open
        Tool.out("umount", "--lazy", root.toString());
    }

    private Path ballast() {
        return root.resolve("ballast");
    }

    private void requireFull(IOException end) {
        try {
            if (Files.getFileStore(root).getUsableSpace() != 0) {
                throw new UncheckedIOException(end);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
