package io.stillframe.storage.zfs;

import io.stillframe.storage.Volume;
import io.stillframe.storage.exec.Commands.Exit;
import io.stillframe.storage.exec.LocalCommands;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** A pool of ZFS itself, on files of a directory; ends with the object. Needs root and the kernel's module. */
final class RealPool implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(5);

    final String name;
    private final Path directory;

    private RealPool(String name, Path directory) {
        this.name = name;
        this.directory = directory;
    }

    /** A pool of one file. What an earlier run left under this name is removed first. */
    static RealPool of(String name, Path directory, long bytes) throws IOException {
        RealPool pool = new RealPool(name, directory);
        pool.destroy();
        run("zpool", "create", "-O", "mountpoint=" + pool.root(), "-O", "compression=off", name, pool.vdev("a", bytes));
        return pool;
    }

    /** A pool of two files that are the same. */
    static RealPool mirror(String name, Path directory, long bytes) throws IOException {
        RealPool pool = new RealPool(name, directory);
        pool.destroy();
        run(
                "zpool",
                "create",
                "-m",
                pool.root().toString(),
                name,
                "mirror",
                pool.vdev("a", bytes),
                pool.vdev("b", bytes));
        return pool;
    }

    Path root() {
        return directory.resolve(name);
    }

    /** A zvol, its node there. */
    Volume zvol(String disk, String dataset, long bytes, String... options) {
        run(concat(List.of("zfs", "create", "-p", "-V", Long.toString(bytes)), List.of(options), name + "/" + dataset));
        Path device = Host.LOCAL.device(name + "/" + dataset);
        run("udevadm", "wait", "--timeout=60", device.toString());
        return new Volume(disk, "block", device.toString(), "raw", 1, true, "none");
    }

    /** A dataset, mounted. */
    Path dataset(String dataset) {
        run("zfs", "create", "-p", name + "/" + dataset);
        return root().resolve(dataset);
    }

    /** The file of a vdev. */
    String vdev(String part, long bytes) throws IOException {
        Path file = directory.resolve(name + "." + part);
        try (RandomAccessFile vdev = new RandomAccessFile(file.toFile(), "rw")) {
            vdev.setLength(bytes);
        }
        return file.toString();
    }

    static String run(String... argv) {
        return run(List.of(argv));
    }

    static String run(List<String> argv) {
        Exit exit = new LocalCommands().run(argv, LIMIT);
        if (!exit.succeeded()) {
            throw new IllegalStateException(argv + ": " + exit.stderr());
        }
        return exit.stdout();
    }

    @Override
    public void close() throws IOException {
        run("udevadm", "settle");
        destroy();
    }

    private void destroy() throws IOException {
        new LocalCommands().run(List.of("zpool", "destroy", "-f", name), LIMIT);
        Files.deleteIfExists(directory.resolve(name + ".a"));
        Files.deleteIfExists(directory.resolve(name + ".b"));
    }

    private static List<String> concat(List<String> head, List<String> middle, String last) {
        return Stream.of(head, middle, List.of(last)).flatMap(List::stream).toList();
    }
}
