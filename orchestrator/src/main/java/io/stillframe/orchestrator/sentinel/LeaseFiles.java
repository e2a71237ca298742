package io.stillframe.orchestrator.sentinel;

import io.stillframe.orchestrator.lease.Intervention;
import io.stillframe.orchestrator.lease.Lease;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The leases of a state directory: {@code leases/UUID.lease}, each with a lock file that stays. */
public final class LeaseFiles {
    private static final String SUFFIX = ".lease";

    /**
     * The lock files that this process has locked. It must not so much as open one of them again: the first descriptor that is
     * closed drops all of a process's locks on a file (fcntl(2)).
     */
    private static final Set<Path> IN_HAND = ConcurrentHashMap.newKeySet();

    private final Path directory;

    public LeaseFiles(Path stateDirectory) {
        this.directory = stateDirectory.resolve("leases");
    }

    /** The machines whose guests may be held, or were released by a sentinel that nobody has asked yet. */
    public List<UUID> open() {
        try (Stream<Path> files = Files.list(directory)) {
            List<UUID> machines = new ArrayList<>();
            files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(SUFFIX))
                    .map(name -> name.substring(0, name.length() - SUFFIX.length()))
                    .filter(LeaseFiles::isUuid)
                    .sorted()
                    .forEach(name -> machines.add(UUID.fromString(name)));
            return machines;
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + directory, e);
        }
    }

    /**
     * Takes the lease of a machine into this process's hands; empty while another process sees to it.
     *
     * @throws UncheckedIOException when the directory cannot be used
     */
    public Optional<LeaseFile> take(UUID vm) {
        try {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Path lock = directory.toRealPath().resolve(vm + ".lock");
            return IN_HAND.add(lock) ? take(vm, lock) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot use " + directory, e);
        }
    }

    private Optional<LeaseFile> take(UUID vm, Path file) throws IOException {
        boolean taken = false;
        try {
            FileChannel lock = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            taken = lock.tryLock() != null;
            if (!taken) {
                lock.close();
                return Optional.empty();
            }
            return Optional.of(new LeaseFile(vm, directory.resolve(vm + SUFFIX), () -> letGo(lock, file)));
        } finally {
            if (!taken) {
                IN_HAND.remove(file);
            }
        }
    }

    /** Closed again it lets go of nothing: somebody may have it by then. */
    private static void letGo(FileChannel lock, Path file) throws IOException {
        if (lock.isOpen()) {
            try {
                lock.close();
            } finally {
                IN_HAND.remove(file);
            }
        }
    }

    /** Reads a lease that another process may have in its hands. */
    public Optional<Lease> peek(UUID vm) {
        return LeaseFile.lease(directory.resolve(vm + SUFFIX), vm);
    }

    /** The machines of which nobody has written down that their guests are free. Reads only, and holds nothing. */
    public List<UUID> unreleased() {
        return open().stream()
                .filter(vm -> LeaseFile.intervention(directory.resolve(vm + SUFFIX))
                        .filter(Intervention::isLast)
                        .isEmpty())
                .toList();
    }

    /** The same by their names. */
    public List<String> held() {
        return unreleased().stream()
                .map(vm -> peek(vm).map(lease -> lease.vm().name()).orElse(vm.toString()))
                .toList();
    }

    private static boolean isUuid(String name) {
        return name.matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    }
}
