package io.stillframe.orchestrator.sentinel;

import io.stillframe.orchestrator.lease.Intervention;
import io.stillframe.orchestrator.lease.Lease;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectMapper;

/**
 * A lease on the disk, in the hands of the one process that sees to it: a line with the lease, then a line with what was
 * done when somebody other than its holder ended it. Lines are only ever added, so that a torn last one takes nothing
 * with it. The file's name is the machine's UUID, so that even one that cannot be read says which guest may be frozen.
 */
public final class LeaseFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LeaseFile.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long MOST_BYTES = 1 << 20;

    private final UUID vm;
    private final Path file;
    private final FileChannel lock;

    LeaseFile(UUID vm, Path file, FileChannel lock) {
        this.vm = vm;
        this.file = file;
        this.lock = lock;
    }

    /** Writes the lease and returns when it is on the disk. One that was there before stays until then. */
    void begin(Lease lease) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(next);
        append(next, lease);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel directory = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    /** Adds what was done. Where it cannot be written, the next process asks the guest itself. */
    public void record(Intervention intervention) {
        try {
            append(file, intervention);
        } catch (IOException e) {
            LOG.error("what was done for vm {} cannot be written down: {}", vm, e.toString());
        }
    }

    /** The lease; empty where the file has none of this machine's that can be read. */
    public Optional<Lease> lease() {
        return lease(file, vm);
    }

    /** One that names another machine than its file is none: the wrong guest would be released. */
    static Optional<Lease> lease(Path file, UUID vm) {
        return read(file, 0, Lease.class).filter(lease -> lease.vm().uuid().equals(vm));
    }

    /** What was done by somebody other than the holder; empty where nothing was, or it has not come to its end. */
    public Optional<Intervention> intervention() {
        return intervention(file);
    }

    static Optional<Intervention> intervention(Path file) {
        return read(file, 1, Intervention.class);
    }

    /** Nothing is left to do for this guest. A lease that stays all the same has the next process ask it once more. */
    public void remove() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.error("cannot remove {}: {}", file, e.toString());
        }
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            // the lock goes with the process at the latest
        }
    }

    private static void append(Path file, Object value) throws IOException {
        ByteBuffer line = ByteBuffer.wrap((JSON.writeValueAsString(value) + "\n").getBytes(StandardCharsets.UTF_8));
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
            while (line.hasRemaining()) {
                channel.write(line);
            }
            channel.force(true);
        }
    }

    private static <T> Optional<T> read(Path file, int number, Class<T> type) {
        try {
            if (Files.size(file) > MOST_BYTES) {
                return Optional.empty();
            }
            List<String> lines = Files.readString(file).lines().toList();
            return lines.size() > number ? Optional.of(JSON.readValue(lines.get(number), type)) : Optional.empty();
        } catch (IOException | JacksonException e) {
            return Optional.empty();
        }
    }
}
