package io.stillframe.storage.exec;

import io.stillframe.guest.Faults;
import java.io.IOException;
import java.io.UncheckedIOException;
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
            Files.writeString(Path.of(argv.get(argv.size() - 1)), "QFI overlay");
            return new Exit(0, "", "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
