package io.stillframe.storage.zfs;

import io.stillframe.storage.Change;
import io.stillframe.storage.Demand;
import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Plan;
import io.stillframe.storage.View;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Commands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Snapshots of image files: the file as it is in {@code .zfs/snapshot/LABEL} of its dataset, which the kernel mounts, read-only,
 * when somebody looks there. The dataset has other files than this machine's, so it is never rolled back or cloned: one file is
 * read, or written, and nothing else.
 */
final class FileLife implements Life {
    /** No disk is called so. */
    private static final String NOBODY = "";

    private final Zfs zfs;
    private final Host host;
    private final Mounts mounts;

    FileLife(Zfs zfs, Host host, Commands commands) {
        this.zfs = zfs;
        this.host = host;
        this.mounts = new Mounts(commands, host);
    }

    @Override
    public View open(SnapshotName name, String disk) {
        return frozen(name).<View>map(View.Opened::new).orElseGet(() -> new View.Refused(unreadable(name)));
    }

    /** What somebody still reads keeps its mount busy; of several disks on one dataset the last to be closed sees it. */
    @Override
    public Outcome close(SnapshotName name, String disk) {
        return Hold.ofView(zfs, name, disk).isShared() ? new Outcome.AlreadyDone() : mounts.unmount(name.zfs());
    }

    @Override
    public Plan planClone(VolumeSnapshot snapshot, SnapshotName name, String label) {
        Optional<Path> image = frozen(name);
        if (image.isEmpty()) {
            return new Plan.Refused(unreadable(name), "mount the dataset (zfs mount)");
        }
        Path clone = Path.of(snapshot.active())
                .resolveSibling("%s.%s.%s".formatted(label, snapshot.disk(), snapshot.format()));
        try {
            long bytes = Math.min(Files.size(image.get()), referenced(name));
            long free = Files.getFileStore(clone.getParent()).getUsableSpace();
            return free >= bytes
                    ? new Plan.Ready(
                            new Change(snapshot.disk(), snapshot.snapshot(), clone.toString(), snapshot.format()),
                            Optional.of(new Demand(
                                    clone.toString(),
                                    bytes,
                                    "pool " + name.place().pool(),
                                    free)))
                    : new Plan.Refused(
                            "%s has %d MiB free, a copy may take %d MiB"
                                    .formatted(clone.getParent(), free >> 20, bytes >> 20),
                            "free some space there");
        } catch (IOException e) {
            return new Plan.Refused("%s cannot be made: %s".formatted(clone, e), "see that its directory is there");
        }
    }

    @Override
    public Outcome makeClone(SnapshotName name, Change change, Meter meter) {
        Optional<Path> image = frozen(name);
        if (image.isEmpty()) {
            return new Outcome.Refused(unreadable(name));
        }
        try {
            Path target = Path.of(change.to());
            return new Copy(image.get(), target, part(target)).make(meter);
        } catch (IOException e) {
            return new Outcome.Indeterminate("the copy %s: %s".formatted(change.to(), e));
        } finally {
            unmount(name);
        }
    }

    /** The kernel's mount would go by itself, but minutes later: a guest that is started until then may keep it. */
    private void unmount(SnapshotName name) {
        try {
            if (!Hold.ofView(zfs, name, NOBODY).isShared()) {
                var unused = mounts.unmount(name.zfs());
            }
        } catch (CommandException e) {
            // nothing rests on it
        }
    }

    @Override
    public Outcome removeClone(SnapshotName name, Change change) {
        try {
            Path target = Path.of(change.to());
            Outcome removed = Copy.remove(target, part(target));
            return removed instanceof Outcome.AlreadyDone ? notFound(name, target) : removed;
        } catch (IOException e) {
            return new Outcome.Indeterminate("the copy %s: %s".formatted(change.to(), e));
        }
    }

    @Override
    public long size(SnapshotName name) {
        Path image = frozen(name).orElseThrow(() -> new CommandException(unreadable(name)));
        try {
            return Files.size(image);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            unmount(name);
        }
    }

    @Override
    public Optional<Path> target(SnapshotName name) {
        return host.mountPoint(name.place().dataset()).map(point -> point.resolve(path(name)));
    }

    @Override
    public Outcome revert(SnapshotName name, Change change, Meter meter) {
        Optional<Path> image = frozen(name);
        if (image.isEmpty()) {
            return new Outcome.Refused(unreadable(name));
        }
        Path file = Path.of(change.to());
        try {
            return new Copy(image.get(), file, part(name, file, change)).over(meter);
        } catch (IOException e) {
            return new Outcome.Indeterminate("%s may hold a mixture: %s".formatted(file, e));
        } finally {
            unmount(name);
        }
    }

    /** What was written back so far stays; a file that was not there may have been begun anew. */
    @Override
    public Outcome giveUpRevert(SnapshotName name, Change change) {
        try {
            Path part = part(name, Path.of(change.to()), change);
            return Files.deleteIfExists(part) ? new Outcome.Done() : notFound(name, part);
        } catch (IOException e) {
            return new Outcome.Indeterminate("what was begun of %s: %s".formatted(name, e));
        }
    }

    /** A file that is not found is known to be gone only where the file system that it was made in is there. */
    private Outcome notFound(SnapshotName name, Path file) {
        String dataset = name.place().dataset();
        Optional<Path> point = host.mountPoint(dataset);
        if (point.isEmpty()) {
            return new Outcome.Indeterminate(
                    "%s is not found: its dataset is not mounted: %s".formatted(file, dataset));
        }
        // where the machine has its image by a link, it was made beside that, and no record tells in which file system
        return file.startsWith(point.get()) || Files.isDirectory(file.getParent())
                ? new Outcome.AlreadyDone()
                : new Outcome.Indeterminate("%s is not found, nor its directory".formatted(file));
    }

    @Override
    public Optional<String> leftover(SnapshotName name, String disk) {
        return Optional.empty();
    }

    @Override
    public Outcome removeLeftover(SnapshotName name, String disk) {
        return new Outcome.AlreadyDone();
    }

    /** A clone's name is one that nobody else has, and so is what it is called before it is whole. */
    private static Path part(Path clone) {
        return clone.resolveSibling(clone.getFileName() + ".part");
    }

    /** Beside the machine's own file others may have files that are called like it. */
    private static Path part(SnapshotName name, Path file, Change change) {
        return file.resolveSibling("%s.%s.part".formatted(name.label(), change.disk()));
    }

    /** The file as it was. */
    private Optional<Path> frozen(SnapshotName name) {
        return host.mountPoint(name.place().dataset())
                .map(point ->
                        point.resolve(".zfs/snapshot").resolve(name.label()).resolve(path(name)))
                .filter(Files::isRegularFile);
    }

    private long referenced(SnapshotName name) {
        return zfs.get(name.zfs(), "referenced")
                .map(of -> of.number("referenced"))
                .orElse(0L);
    }

    private static String path(SnapshotName name) {
        return name.place().file().orElseThrow();
    }

    private static String unreadable(SnapshotName name) {
        return "%s cannot be read: its dataset is not mounted, or the file is not in it".formatted(name);
    }
}
