package io.stillframe.storage.conformance;

import io.stillframe.storage.SnapshotStore;
import io.stillframe.storage.StorageDriver;
import io.stillframe.storage.Volume;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.block.Patience;
import io.stillframe.storage.exec.Commands;
import io.stillframe.storage.zfs.ZfsDriver;
import io.stillframe.storage.zfs.ZfsStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Zvols, or image files on datasets of their own, in the host VM's pool. */
final class ZfsBackend extends OpenedBackend {
    private static final String POOL = "sflabpool";
    /** Above all that a test makes, so that what one that died has left is found. */
    private static final String PARENT = POOL + "/sfconf";

    private static final String MACHINE = "5f1d7a3e-0000-4000-8000-00000000c0de";
    private static final ZfsDriver.Limits LIMITS = new ZfsDriver.Limits(4 << 20, 80, 95);
    private static final Path VIEWS = Path.of("/run/sfconf-open");
    /** The longest name of a snapshot is 255 characters, and its label has 15. */
    private static final int LONGEST = 255 - "@sf-000000000000".length() - PARENT.length() - "/".length();

    private final boolean onFiles;

    private ZfsBackend(boolean onFiles) {
        this.onFiles = onFiles;
        sweep();
        run("zfs", "create", PARENT);
    }

    static ZfsBackend zvols() {
        return new ZfsBackend(false);
    }

    static ZfsBackend imageFiles() {
        return new ZfsBackend(true);
    }

    @Override
    public StorageDriver driver(Commands commands) {
        return new ZfsDriver(MACHINE, commands, LIMITS);
    }

    @Override
    public SnapshotStore store(Commands commands) {
        return new ZfsStore(MACHINE, commands, VIEWS);
    }

    /** Each has its room reserved, so that a snapshot needs as much beside it. */
    @Override
    Volume make(String disk, String name, int size) {
        String dataset = PARENT + "/" + name;
        if (onFiles) {
            run("zfs", "create", "-o", "refreservation=" + 2 * size, dataset);
            Path image = Path.of("/", dataset, "image with a blank.raw");
            write(image, new byte[size]);
            return new Volume(disk, "file", image.toString(), "raw", 1, true, "writeback");
        }
        run("zfs", "create", "-V", String.valueOf(size), dataset);
        Path device = Path.of("/dev/zvol", dataset);
        run("udevadm", "wait", "--timeout=60", device.toString());
        return new Volume(disk, "block", device.toString(), "raw", 1, true, "writeback");
    }

    private static void write(Path image, byte[] content) {
        try {
            Files.write(image, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void makeForeign(VolumeSnapshot planned) {
        run("zfs", "snapshot", planned.snapshot().replaceFirst(":.*", ""));
    }

    /** Less than a snapshot needs of a volume of which little was ever written. */
    @Override
    public void fill() {
        run("zpool", "sync", POOL);
        long free = Long.parseLong(
                run("zfs", "get", "-Hp", "-o", "value", "available", PARENT).strip());
        run(
                "zfs",
                "create",
                "-o",
                "mountpoint=none",
                "-o",
                "refreservation=" + (free - (64 << 10)),
                PARENT + "/filler");
    }

    @Override
    public void empty() {
        run("zfs", "destroy", PARENT + "/filler");
    }

    @Override
    public LimitNames makeVolumesWithLimitNames() {
        String longest = "n".repeat(LONGEST);
        return new LimitNames(make("vdx", longest, Disk.SIZE), make("vdy", longest + "n", Disk.SIZE));
    }

    /** Datasets and snapshots with what holds them, and what is mounted or lies in the images' folders. */
    @Override
    public Set<String> inventory() {
        Set<String> all = new TreeSet<>();
        run("zfs", "list", "-H", "-r", "-t", "all", "-o", "name,userrefs,readonly", PARENT)
                .lines()
                .forEach(all::add);
        try (Stream<Path> images = Files.walk(Path.of("/", PARENT), 2)) {
            images.map(Path::toString).forEach(all::add);
            Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                    .filter(line -> line.contains(PARENT))
                    .map(line -> line.split(" ", -1)[4])
                    .forEach(mount -> all.add("mount " + mount));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }

    @Override
    public String tool() {
        return "zfs";
    }

    @Override
    public boolean changes(List<String> argv) {
        return argv.get(0).equals("zfs")
                && Set.of("snapshot", "clone", "destroy", "hold", "release", "set")
                        .contains(argv.get(1));
    }

    /** The kernel takes a snapshot or does not: there is no middle that can be seen. */
    @Override
    public List<Moment> moments(String disk) {
        return List.of();
    }

    @Override
    void sweep() {
        if (COMMANDS.run(List.of("zfs", "list", PARENT), Duration.ofMinutes(5)).succeeded()) {
            run("udevadm", "settle");
            run("zfs", "list", "-H", "-r", "-t", "snapshot", "-o", "name", PARENT)
                    .lines()
                    .forEach(ZfsBackend::release);
            destroy();
        }
    }

    /** What a test has closed is looked at by udev, and by LVM, for a moment. */
    private static void destroy() {
        Commands.Exit exit = Patience.USUAL.await(
                tried -> !tried.succeeded(),
                () -> COMMANDS.run(List.of("zfs", "destroy", "-R", PARENT), Duration.ofMinutes(5)));
        if (!exit.succeeded()) {
            throw new AssertionError("zfs destroy -R %s: %s".formatted(PARENT, exit.stderr()));
        }
    }

    private static void release(String snapshot) {
        run("zfs", "holds", "-H", snapshot)
                .lines()
                .map(line -> line.split("\t", -1)[1])
                .forEach(tag -> run("zfs", "release", tag, snapshot));
    }
}
