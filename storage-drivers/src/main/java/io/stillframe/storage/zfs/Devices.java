package io.stillframe.storage.zfs;

import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Commands;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Waits for the nodes of new zvols: the kernel makes them after the command has ended, and udev their links after that. */
final class Devices {
    private static final int SECONDS = 60;

    private final Commands commands;
    private final Host host;

    Devices(Commands commands, Host host) {
        this.commands = commands;
        this.host = host;
    }

    /** Returns when udev has done with what it was told; it looks at every new device, which is busy meanwhile. */
    void settle() {
        commands.run(List.of("udevadm", "settle", "--timeout=" + SECONDS), Duration.ofSeconds(SECONDS + 10));
    }

    /**
     * Returns when the zvol can be opened. {@code udevadm wait} is of systemd 251 and later.
     *
     * @throws CommandException when its node does not appear in a minute
     */
    Path await(String zvol) {
        Path device = host.device(zvol);
        Commands.Exit exit = commands.run(
                List.of("udevadm", "wait", "--timeout=" + SECONDS, device.toString()),
                Duration.ofSeconds(SECONDS + 10));
        if (!exit.succeeded()) {
            throw new CommandException(
                    "%s does not appear: %s".formatted(device, exit.stderr().strip()));
        }
        return device;
    }
}
