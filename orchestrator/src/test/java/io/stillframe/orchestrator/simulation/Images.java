package io.stillframe.orchestrator.simulation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The directory of a machine's images, with some beside them that are none of Stillframe's business.
 *
 * @param directory on a filesystem in memory, for thousands of worlds are made in it one after the other
 */
record Images(Path directory) {
    /** Where files are in memory on every Linux. */
    private static final Path MEMORY = Path.of("/dev/shm");

    /** How many disks a machine has at most. */
    private static final int MOST = 2;

    private static final List<String> FOREIGN =
            List.of("vda.sf-zzzzzzzzzzzz.qcow2", "db01.sf-000000000000.qcow2", "notes.txt");

    /** @param otherwise where to make it if nothing is in memory */
    static Images in(Path otherwise) {
        try {
            Path parent = Files.isWritable(MEMORY) ? MEMORY : otherwise;
            return new Images(Files.createTempDirectory(parent, "stillframe-simulation"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<String> targets(int count) {
        return List.of("vda", "vdb").subList(0, count);
    }

    Path image(String target) {
        return directory.resolve(target + ".qcow2");
    }

    /** As before the world began; what is there already is left as it is, for that takes the longest. */
    void reset() {
        Set<String> names = names();
        Set<String> wanted = new TreeSet<>(FOREIGN);
        targets(MOST).forEach(target -> wanted.add(image(target).getFileName().toString()));
        names.stream().filter(name -> !wanted.contains(name)).forEach(this::delete);
        wanted.stream().filter(name -> !names.contains(name)).forEach(name -> write(directory.resolve(name), name));
    }

    void remove() {
        names().forEach(this::delete);
        try {
            Files.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All that lies there, by name. */
    Set<String> names() {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What of these has a run's name and is not foreign. */
    Set<Path> overlays(Set<String> names) {
        return names.stream()
                .filter(name -> name.contains(".sf-") && !FOREIGN.contains(name))
                .map(directory::resolve)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** What was there before the world began and is not among these. */
    static List<String> lost(Set<String> names) {
        return FOREIGN.stream().filter(name -> !names.contains(name)).toList();
    }

    private void delete(String name) {
        try {
            Files.delete(directory.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path file, String content) {
        try {
            Files.writeString(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
