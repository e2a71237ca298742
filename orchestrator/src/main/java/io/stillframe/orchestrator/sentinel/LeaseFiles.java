package io.stillframe.orchestrator.sentinel;

import io.stillframe.orchestrator.lease.Intervention;
import io.stillframe.orchestrator.lease.Lease;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** The leases of a state directory: {@code leases/UUID.lease}, each with a lock file that stays. */
public final class LeaseFiles {
    private static final String SUFFIX = ".lease";

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
            FileChannel lock = FileChannel.open(
                    directory.resolve(vm + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (locked(lock)) {
                return Optional.of(new LeaseFile(vm, directory.resolve(vm + SUFFIX), lock));
            }
            lock.close();
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot use " + directory, e);
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

    private static boolean locked(FileChannel lock) throws IOException {
        try {
            return lock.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // held by this very process
        }
    }

    private static boolean isUuid(String name) {
        return name.matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    }
}
