package io.stillframe.orchestrator.proof.check;

import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Commands;
import io.stillframe.storage.exec.Commands.Exit;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A part of a raw disk as a block device of its own that nobody can write through (losetup(8)): checkers know nothing of
 * partitions. What a process left of one that was killed is found by the disk it lies over.
 */
public record LoopDevice(Commands commands, Path device) implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    /**
     * Makes one.
     *
     * @param offset in bytes, as is the size
     * @throws CommandException when that cannot be done
     */
    public static LoopDevice over(Commands commands, Path disk, long offset, long size) {
        Exit exit = commands.run(
                List.of(
                        "losetup",
                        "--read-only",
                        "--find",
                        "--show",
                        "--offset",
                        Long.toString(offset),
                        "--sizelimit",
                        Long.toString(size),
                        disk.toString()),
                LIMIT);
        String device = exit.stdout().strip();
        if (!exit.succeeded() || !device.startsWith("/dev/")) {
            throw new CommandException(
                    "losetup made no device: " + exit.stderr().strip());
        }
        return new LoopDevice(commands, Path.of(device));
    }

    /**
     * Ends what was left over a disk.
     *
     * @throws CommandException when that cannot be done
     */
    public static void endAll(Commands commands, Path disk) {
        Exit exit = commands.run(
                List.of("losetup", "--noheadings", "--output", "NAME", "--associated", disk.toString()), LIMIT);
        exit.stdout()
                .lines()
                .map(String::strip)
                .filter(name -> name.startsWith("/dev/"))
                .forEach(name -> new LoopDevice(commands, Path.of(name)).close());
    }

    @Override
    public void close() {
        Exit exit = commands.run(List.of("losetup", "--detach", device.toString()), LIMIT);
        if (!exit.succeeded()) {
            throw new CommandException(
                    "%s stays: %s".formatted(device, exit.stderr().strip()));
        }
    }
}
