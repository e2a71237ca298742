package io.stillframe.storage.zfs;

import io.stillframe.storage.Outcome;
import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Commands;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/**
 * Waits for the nodes of new zvols: the kernel makes them after the command has ended, and udev their links after that. And
 * waits for whoever looks at a zvol for a moment.
 */
final class Devices {
    private static final int SECONDS = 60;

    private final Commands commands;
    private final Host host;

    Devices(Commands commands, Host host) {
        this.commands = commands;
        this.host = host;
    }

    /**
     * Does what can be done to a zvol only while nobody has it open. It is tried when udev has done with what it was told, and
     * again while it is refused because somebody has it open.
     */
    Outcome whenIdle(Supplier<Outcome> work) {
        settle();
        return host.patience().await(Devices::isBusy, work::get);
    }

    private static boolean isBusy(Outcome outcome) {
        return outcome instanceof Outcome.Refused refused && refused.reason().contains("dataset is busy");
    }

    private void settle() {
        commands.run(List.of("udevadm", "settle", "--timeout=" + SECONDS), Duration.ofSeconds(SECONDS + 10));
    }

    /**
     * Returns when the zvol can be opened.
     *
     * @throws CommandException when its node does not appear in a minute, and some seconds more
     */
    Path await(String zvol) {
        Path device = host.device(zvol);
        if (Files.notExists(device)) {
            settle();
        }
        // the kernel makes the node by itself, and not before its command has ended
        if (host.patience().await(absent -> absent, () -> Files.notExists(device))) {
            throw new CommandException("%s does not appear".formatted(device));
        }
        return device;
    }
}
