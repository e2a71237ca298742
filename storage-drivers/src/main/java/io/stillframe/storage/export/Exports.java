package io.stillframe.storage.export;

import io.stillframe.storage.Outcome;
import io.stillframe.storage.View;
import io.stillframe.storage.block.Mount;
import io.stillframe.storage.block.Patience;
import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Commands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;

/**
 * Images as raw files on this host, by {@code qemu-storage-daemon}'s FUSE export: read-only in the daemon, in the file's
 * mode and in the mount, and for this user alone. Needs {@code /dev/fuse}, and root, who mounts without a helper.
 *
 * <p>A view outlives its maker. Its path is its name: the mount table and the daemon's own command line tell whether it is
 * open, so nothing has to be remembered. The daemon holds QEMU's lock on all layers: nobody can write to them meanwhile.
 */
public final class Exports {
    /** Opening an image takes milliseconds; a minute means that the storage hangs. */
    private static final Duration LIMIT = Duration.ofMinutes(1);

    /**
     * A second. Whatever another thread of this process starts holds what is open here until it has become its program: a view
     * that was just read is busy then, though nobody reads it.
     */
    private static final Patience BUSY = new Patience(6);

    private final Commands commands;

    public Exports(Commands commands) {
        this.commands = commands;
    }

    /**
     * Shows a chain as one raw file; shown already, the same.
     *
     * @param layers from the top down
     * @param view where; the file and its folder are made, the folder for this user alone
     */
    public View open(List<Layer> layers, Path view) {
        try {
            Path mountpoint = prepare(view);
            boolean mounted = Mount.isPoint(mountpoint);
            boolean served = Daemon.serving(mountpoint).isPresent();
            if (mounted && served) {
                return readOnly(mountpoint);
            }
            if (!(clear(mountpoint) instanceof Outcome.Done)) {
                return new View.Refused("what an earlier opening left at %s cannot be removed".formatted(view));
            }
            return start(layers, prepare(view));
        } catch (CommandException | UncheckedIOException e) {
            return new View.Refused(e.getMessage());
        }
    }

    /** Ends a view and removes its file, and its folder where nothing else is in it. */
    public Outcome close(Path view) {
        try {
            Path mountpoint = real(view);
            if (!Mount.isPoint(mountpoint) && Daemon.serving(mountpoint).isEmpty() && Files.notExists(mountpoint)) {
                return new Outcome.AlreadyDone();
            }
            return clear(mountpoint);
        } catch (CommandException | UncheckedIOException e) {
            return new Outcome.Indeterminate(e.getMessage());
        }
    }

    /** Whether anything of a view is there: a daemon may hold the image though nobody can read it any more. */
    public boolean isOpen(Path view) {
        Path mountpoint = real(view);
        return Mount.isPoint(mountpoint) || Daemon.serving(mountpoint).isPresent();
    }

    private View start(List<Layer> layers, Path mountpoint) {
        Commands.Exit exit;
        try {
            exit = commands.run(Daemon.argv(layers, mountpoint), LIMIT);
        } catch (CommandException e) {
            clear(mountpoint);
            throw e;
        }
        if (!exit.succeeded() || !Mount.isPoint(mountpoint)) {
            clear(mountpoint);
            return new View.Refused("qemu-storage-daemon cannot show it: %s"
                    .formatted(exit.stderr().strip()));
        }
        return readOnly(mountpoint);
    }

    /** The file's mode does not hold root back, who would only find out when he writes. */
    private View readOnly(Path mountpoint) {
        Commands.Exit remount = commands.run(List.of("mount", "-o", "remount,bind,ro", mountpoint.toString()), LIMIT);
        if (!remount.succeeded()) {
            clear(mountpoint);
            return new View.Refused("it cannot be mounted read-only: %s"
                    .formatted(remount.stderr().strip()));
        }
        return new View.Opened(mountpoint);
    }

    /** The mount first, which is refused while somebody reads; a mount whose daemon is dead goes the same way. */
    private Outcome clear(Path mountpoint) {
        if (Mount.isPoint(mountpoint)) {
            Commands.Exit exit = BUSY.await(
                    any -> Mount.isPoint(mountpoint),
                    () -> commands.run(List.of("umount", mountpoint.toString()), LIMIT));
            if (Mount.isPoint(mountpoint)) {
                return new Outcome.Refused(
                        "%s is in use: %s".formatted(mountpoint, exit.stderr().strip()));
            }
        }
        if (!Daemon.end(mountpoint)) {
            return new Outcome.Indeterminate("the qemu-storage-daemon of %s does not end".formatted(mountpoint));
        }
        try {
            Files.deleteIfExists(mountpoint);
            Files.deleteIfExists(mountpoint.getParent());
        } catch (DirectoryNotEmptyException e) {
            // other disks of the snapshot are open
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Outcome.Done();
    }

    private static Path prepare(Path view) {
        try {
            Files.createDirectories(
                    view.toAbsolutePath().getParent(),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Path mountpoint = real(view);
            // one whose daemon is dead cannot even be looked at
            if (!Mount.isPoint(mountpoint) && Files.notExists(mountpoint)) {
                Files.createFile(mountpoint);
            }
            return mountpoint;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As the mount table names it. */
    private static Path real(Path view) {
        Path parent = view.toAbsolutePath().getParent();
        try {
            return Files.exists(parent) ? parent.toRealPath().resolve(view.getFileName()) : view.toAbsolutePath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
