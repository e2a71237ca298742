package io.stillframe.storage.exec;

import io.stillframe.guest.Faults;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** {@code qemu-img} as far as Stillframe uses it: an overlay is a small file here, too. */
public record FakeQemuImg(Faults faults) implements Commands {
    @Override
    public Exit run(List<String> argv, Duration limit) {
        return faults.call("qemu-img " + argv.get(1), () -> execute(argv), kind -> switch (kind) {
            case REFUSED -> new Exit(1, "", "qemu-img: no\n");
            case REPLY_LOST, LATE -> throw new CommandException("qemu-img did not end within " + limit);
        });
    }

    private static Exit execute(List<String> argv) {
        if (!argv.get(1).equals("create")) {
            return new Exit(0, "qemu-img version 7.2.0\n", "");
        }
        try {
            Files.write(Path.of(argv.get(argv.size() - 1)), overlay(argv.get(argv.indexOf("-b") + 1)));
            return new Exit(0, "", "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As {@code qemu-img} writes an overlay: the header of a qcow2 image in which nothing is, with its backing file. */
    public static byte[] overlay(String base) {
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
