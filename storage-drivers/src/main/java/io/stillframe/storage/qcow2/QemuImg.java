package io.stillframe.storage.qcow2;

import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Commands;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The few things we ask of {@code qemu-img}. It is always told the formats: it must never look for them in a file. */
final class QemuImg {
    /** Making an empty overlay takes milliseconds; a minute means that the storage hangs. */
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final Commands commands;

    QemuImg(Commands commands) {
        this.commands = commands;
    }

    /** Creates an empty overlay; its size is the base's. Replaces the file: our callers have made it. */
    void createOverlay(Path overlay, Path base, String baseFormat) {
        Commands.Exit exit = commands.run(
                List.of(
                        "qemu-img",
                        "create",
                        "-q",
                        "-f",
                        "qcow2",
                        "-F",
                        baseFormat,
                        "-b",
                        base.toString(),
                        overlay.toString()),
                LIMIT);
        if (!exit.succeeded()) {
            throw new CommandException("cannot create the overlay %s: %s"
                    .formatted(overlay, exit.stderr().strip()));
        }
    }
}
