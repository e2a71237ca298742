package io.stillframe.storage.conformance;

import io.stillframe.storage.Change;
import io.stillframe.storage.Volume;
import io.stillframe.storage.exec.Commands;
import io.stillframe.storage.exec.LocalCommands;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Storage whose volumes are devices or raw files, which are written to and read as they are. */
abstract class OpenedBackend implements Backend {
    static final Commands COMMANDS = new LocalCommands();

    final OpenFiles files = new OpenFiles();
    private final Map<String, Volume> volumes = new HashMap<>();
    private int made;

    /** Makes a volume. */
    abstract Volume make(String disk, String name, int size);

    /** Removes all that this or an earlier test has made. */
    abstract void sweep();

    @Override
    public final Volume makeVolume(String disk, int size) {
        Volume volume = make(disk, prefix() + "%s-%d".formatted(disk, made++), size);
        volumes.put(disk, volume);
        return volume;
    }

    /** What the names of all volumes begin with. */
    String prefix() {
        return "";
    }

    @Override
    public final Volume volume(String disk) {
        return volumes.get(disk);
    }

    @Override
    public final void write(String disk, int offset, byte[] bytes) {
        files.write(path(disk), offset, bytes);
    }

    @Override
    public final void flush(String disk) throws IOException {
        files.force(path(disk));
    }

    @Override
    public final byte[] read(String disk) {
        return files.read(path(disk));
    }

    @Override
    public final byte[] read(Change clone) {
        try {
            return files.read(Path.of(clone.to()));
        } finally {
            files.close(Path.of(clone.to()));
        }
    }

    @Override
    public final void write(Change clone, int offset, byte[] bytes) {
        files.write(Path.of(clone.to()), offset, bytes);
        files.close(Path.of(clone.to()));
    }

    @Override
    public final void powerOff() {
        files.closeAll();
    }

    @Override
    public final void redefine(Change revert) {}

    @Override
    public final void close() {
        powerOff();
        sweep();
    }

    final Path path(String disk) {
        return Path.of(volumes.get(disk).source());
    }

    static String run(String... argv) {
        Commands.Exit exit = COMMANDS.run(List.of(argv), Duration.ofMinutes(5));
        if (!exit.succeeded()) {
            throw new AssertionError(String.join(" ", argv) + ": " + exit.stderr());
        }
        return exit.stdout();
    }
}
