package io.stillframe.storage.zfs;

import io.stillframe.storage.Outcome;
import io.stillframe.storage.block.Mount;
import io.stillframe.storage.exec.Commands;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The mounts below {@code .zfs/snapshot}: the kernel makes them by itself and takes them away when nobody looks for a while. */
final class Mounts {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final Commands commands;
    private final Host host;

    Mounts(Commands commands, Host host) {
        this.commands = commands;
        this.host = host;
    }

    /** Ends a snapshot's mount; refused where something in it is open. */
    Outcome unmount(String snapshot) {
        Optional<Path> point = point(snapshot);
        if (point.isEmpty()) {
            return new Outcome.AlreadyDone();
        }
        Commands.Exit exit = commands.run(List.of("umount", point.get().toString()), LIMIT);
        // it may have gone by itself meanwhile
        return exit.succeeded() || point(snapshot).isEmpty()
                ? new Outcome.Done()
                : new Outcome.Refused(
                        "%s is in use: %s".formatted(snapshot, exit.stderr().strip()));
    }

    private Optional<Path> point(String snapshot) {
        return host.mounts().stream()
                .filter(mount -> mount.type().equals("zfs") && mount.source().equals(snapshot))
                .map(Mount::point)
                // others may have mounted it elsewhere, and that is theirs
                .filter(point -> point.getParent().endsWith(".zfs/snapshot"))
                .findFirst();
    }
}
