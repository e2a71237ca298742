package io.stillframe.orchestrator.simulation;

import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Commands;
import io.stillframe.storage.exec.FakeQemuImg;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** {@code qemu-img create}. */
record ImageTool(World world) implements Commands {
    @Override
    public Exit run(List<String> argv, Duration limit) {
        world.gate.enter("qemu-img " + argv.get(1));
        Optional<Fault> fault = world.gate.fault();
        if (fault.equals(Optional.of(Fault.REFUSED))) {
            return new Exit(1, "", "qemu-img: no\n");
        }
        world.gate.process().pass(world.gate.duration(10_000, fault));
        write(Path.of(argv.get(argv.size() - 1)), argv.get(argv.indexOf("-b") + 1));
        world.gate.leave();
        if (fault.filter(kind -> kind != Fault.SLOW).isPresent()) {
            throw new CommandException("qemu-img did not end within " + limit);
        }
        return new Exit(0, "", "");
    }

    private static void write(Path overlay, String base) {
        try {
            Files.write(overlay, FakeQemuImg.overlay(base));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
