package io.stillframe.orchestrator.app;

import io.stillframe.guest.DomainId;
import io.stillframe.orchestrator.cli.CommandFailed;
import io.stillframe.orchestrator.workflow.ErrorCode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The state directory, held by one process at a time through a lock on its file {@code lock}. The kernel drops the lock
 * with the process, however it ends, so there is no stale one. The file says who holds it, for the others.
 */
final class StateDirectory implements Hold {
    static final String FOR_ITS_OWNER = "let nobody else ('chmod go-w'), or name another with --state-dir";

    private static final Set<PosixFilePermission> OTHERS =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    /** Its owner is the user whose rights this process has. */
    private static final Path PROCESS = Path.of("/proc/self");

    private final FileChannel channel;
    private final String purpose;

    private StateDirectory(FileChannel channel, String purpose) {
        this.channel = channel;
        this.purpose = purpose;
    }

    /**
     * Holds the directory, waiting for another process that holds it for other machines' sake.
     *
     * @throws CommandFailed when it cannot be used, when the holder is busy with one of these machines, or when it is
     *     not free in time
     */
    static StateDirectory hold(Path directory, String purpose, List<DomainId> vms, Patience patience) {
        try {
            make(directory);
            requireOwnersToWrite(directory);
            FileChannel channel = FileChannel.open(
                    directory.resolve("lock"),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
            return lock(channel, directory, Holder.me(purpose, vms), patience);
        } catch (IOException e) {
            throw CommandFailed.refused(
                    ErrorCode.JOURNAL,
                    "the state directory %s cannot be used, so nothing was touched: %s".formatted(directory, e),
                    "make it writable, or name another with --state-dir");
        }
    }

    /**
     * Makes sure that it is there and this user's own: in a directory that everybody writes to, somebody else may have made
     * it first, with links in it to where this process would then write.
     *
     * @throws CommandFailed when it is not
     */
    static void requireOwn(Path directory) {
        try {
            make(directory);
            boolean own = Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
                    && Files.getOwner(directory, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(PROCESS));
            if (!own) {
                throw new IOException("it is somebody else's");
            }
        } catch (IOException e) {
            throw CommandFailed.refused(
                    ErrorCode.HOST,
                    "the directory %s cannot be used, so nothing was touched: %s".formatted(directory, e.getMessage()),
                    "remove it, or set XDG_RUNTIME_DIR to a directory of this user's");
        }
    }

    /** Whoever writes there says which guests are thawed, and what a snapshot is. */
    private static void requireOwnersToWrite(Path directory) throws IOException {
        Set<PosixFilePermission> modes = Files.getPosixFilePermissions(directory);
        if (!Collections.disjoint(modes, OTHERS)) {
            throw CommandFailed.refused(
                    ErrorCode.HOST,
                    "others than its owner may write to the state directory %s (%s), so nothing was touched"
                            .formatted(directory, PosixFilePermissions.toString(modes)),
                    FOR_ITS_OWNER);
        }
    }

    /** Whether it would be refused for that; one whose modes cannot be told is refused for another reason. */
    static boolean isWrittenByOthers(Path directory) {
        try {
            return !Collections.disjoint(Files.getPosixFilePermissions(directory), OTHERS);
        } catch (IOException e) {
            return false;
        }
    }

    /** Makes sure that it is there; for its owner alone, where it is new. */
    static void make(Path directory) throws IOException {
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    private static StateDirectory lock(FileChannel channel, Path directory, Holder me, Patience patience)
            throws IOException {
        try {
            patience.take(new LockFile(channel), directory, me);
        } catch (CommandFailed e) {
            channel.close();
            throw e;
        }
        StateDirectory held = new StateDirectory(channel, me.purpose());
        held.write(me);
        return held;
    }

    @Override
    public void busyWith(List<DomainId> vms) {
        write(Holder.me(purpose, vms));
    }

    private void write(Holder holder) {
        try {
            holder.write(channel);
        } catch (IOException e) {
            // the lock holds whatever the file says, on a full disk as well: others wait where they could have known
            // better
        }
    }

    @Override
    public void close() {
        try {
            channel.truncate(0);
            channel.close();
        } catch (IOException e) {
            // the lock goes with the process at the latest
        }
    }

    private record LockFile(FileChannel channel) implements Patience.Lock {
        @Override
        public boolean take() throws IOException {
            return channel.tryLock() != null;
        }

        @Override
        public Optional<Holder> holder() throws IOException {
            return Holder.read(channel);
        }
    }
}
