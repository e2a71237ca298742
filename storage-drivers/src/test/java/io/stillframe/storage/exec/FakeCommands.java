package io.stillframe.storage.exec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Commands that were given, and a {@code qemu-img create} that writes a few bytes. */
public final class FakeCommands implements Commands {
    public final List<List<String>> given = new ArrayList<>();
    /** What the commands answer instead of doing anything. */
    public Optional<Exit> answer = Optional.empty();

    @Override
    public Exit run(List<String> argv, Duration limit) {
        given.add(argv);
        return answer.orElseGet(() -> {
            write(Path.of(argv.get(argv.size() - 1)));
            return new Exit(0, "", "");
        });
    }

    private static void write(Path file) {
        try {
            Files.writeString(file, "QFI");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
