package io.stillframe.storage.exec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Commands that were given, and a {@code qemu-img create} that writes a header. */
public final class FakeCommands implements Commands {
    public final List<List<String>> given = new ArrayList<>();
    /** What the commands answer instead of doing anything. */
    public Optional<Exit> answer = Optional.empty();

    @Override
    public Exit run(List<String> argv, Duration limit) {
        given.add(argv);
        return answer.orElseGet(() -> {
            write(Path.of(argv.get(argv.size() - 1)), argv.get(argv.indexOf("-b") + 1));
            return new Exit(0, "", "");
        });
    }

    private static void write(Path file, String base) {
        try {
            Files.write(file, overlay(base));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As {@code qemu-img} writes an overlay: the header of a qcow2 image in which nothing is, with its backing file. */
    private static byte[] overlay(String base) {
        byte[] name = base.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(512 + name.length)
                .putInt(0, 0x514649fb)
                .putInt(4, 2)
                .putLong(8, 512)
                .putInt(16, name.length)
                .putInt(20, 16)
                .put(512, name)
                .array();
    }
}
