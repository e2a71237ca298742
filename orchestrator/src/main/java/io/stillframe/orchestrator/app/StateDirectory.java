package io.stillframe.orchestrator.app;

import io.stillframe.guest.DomainId;
import io.stillframe.orchestrator.cli.CommandFailed;
import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.orchestrator.workflow.ErrorCode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * The state directory, held by one process at a time through a lock on its file {@code lock}. The kernel drops the lock
 * with the process, however it ends, so there is no stale one. The file says who holds it, for the others.
 */
final class StateDirectory implements AutoCloseable {
    /** A snapshot takes seconds; who waits longer should look at what holds it. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Its owner is the user whose rights this process has. */
    private static final Path PROCESS = Path.of("/proc/self");

    private static final Duration BETWEEN_TRIES = Duration.ofMillis(50);

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

    /** Makes sure that it is there, for its owner alone. */
    static void make(Path directory) throws IOException {
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    private static StateDirectory lock(FileChannel channel, Path directory, Holder me, Patience patience)
            throws IOException {
        long start = patience.timing().nanos();
        boolean told = false;
        while (channel.tryLock() == null) {
            Optional<Holder> other = Holder.read(channel);
            Optional<String> why = patience.endsBecause(start, other.filter(me::shares));
            if (why.isPresent()) {
                throw held(channel, directory, other.orElse(Holder.UNKNOWN), why.get());
            }
            if (!told && other.isPresent()) {
                patience.err().println("waiting for " + other.get());
                told = true;
            }
            patience.timing().pause(BETWEEN_TRIES);
        }
        StateDirectory held = new StateDirectory(channel, me.purpose());
        held.write(me);
        return held;
    }

    /** Says that the holder is busy with these machines, for those who want one of them. */
    void busyWith(List<DomainId> vms) {
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

    /** How long to wait for another holder: not at all for one that has the same machine, nor after an interruption. */
    record Patience(Timing timing, PrintStream err, BooleanSupplier interrupted, Duration limit) {
        Patience(Timing timing, PrintStream err, BooleanSupplier interrupted) {
            this(timing, err, interrupted, PATIENCE);
        }

        private Optional<String> endsBecause(long start, Optional<Holder> rival) {
            if (rival.isPresent()) {
                return Optional.of("it is busy with the same machine");
            }
            if (interrupted.getAsBoolean()) {
                return Optional.of("waiting for it was interrupted");
            }
            if (limit.isZero()) {
                return Optional.of("there can be only one");
            }
            return timing.since(start).compareTo(limit) > 0
                    ? Optional.of("it did not end within %d s".formatted(limit.toSeconds()))
                    : Optional.empty();
        }
    }

    private static CommandFailed held(FileChannel channel, Path directory, Holder holder, String why)
            throws IOException {
        channel.close();
        return CommandFailed.refused(
                ErrorCode.HELD,
                "nothing was touched: %s holds %s, and %s".formatted(holder, directory, why),
                "try again when it has ended");
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

    /** Who holds the directory: a line of pid and purpose, then a line for each machine's UUID. */
    private record Holder(long pid, String purpose, List<String> vms) {
        static final Holder UNKNOWN = new Holder(0, "?", List.of());
        private static final int MAX_BYTES = 1 << 20;

        static Holder me(String purpose, List<DomainId> vms) {
            return new Holder(
                    ProcessHandle.current().pid(),
                    purpose,
                    vms.stream().map(vm -> vm.uuid().toString()).toList());
        }

        boolean shares(Holder other) {
            return vms.stream().anyMatch(other.vms::contains);
        }

        void write(FileChannel channel) throws IOException {
            String text = pid + " " + purpose + "\n" + String.join("\n", vms) + "\n";
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
        }

        /** Empty while the holder has not yet written itself down. */
        static Optional<Holder> read(FileChannel channel) throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(channel.size(), MAX_BYTES));
            channel.read(bytes, 0);
            List<String> lines = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            if (lines.isEmpty() || !lines.get(0).matches("\\d{1,18} .*")) {
                return Optional.empty();
            }
            String[] first = lines.get(0).split(" ", 2);
            return Optional.of(new Holder(Long.parseLong(first[0]), first[1], lines.subList(1, lines.size())));
        }

        @Override
        public String toString() {
            return "'stillframe %s' (pid %d)".formatted(purpose, pid);
        }
    }
}
