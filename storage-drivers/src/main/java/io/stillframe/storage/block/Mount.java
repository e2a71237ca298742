package io.stillframe.storage.block;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One line of {@code /proc/PID/mountinfo} (proc(5)).
 *
 * @param device major and minor number of the filesystem
 * @param root the directory of the filesystem that is mounted; {@code /} unless it is a bind mount of a part
 * @param point where
 * @param type the filesystem's type
 * @param source for ZFS the dataset, or the snapshot
 */
public record Mount(String device, Path root, Path point, String type, String source) {
    private static final Path TABLE = Path.of("/proc/self/mountinfo");
    private static final Pattern ESCAPE = Pattern.compile("\\\\([0-7]{3})");

    /** Whether something is mounted exactly here, as this process sees it. */
    public static boolean isPoint(Path path) {
        return read(TABLE).stream().anyMatch(mount -> mount.point().equals(path));
    }

    /** Whoever may mount may name it as he likes: what is no text names nothing of ours. */
    public static List<Mount> read(Path mountinfo) {
        try {
            return parseAll(new String(Files.readAllBytes(mountinfo), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is no such line, or no path of this host, is left out. */
    public static List<Mount> parseAll(String mountinfo) {
        return mountinfo.lines().map(Mount::parse).flatMap(Optional::stream).toList();
    }

    /** The mount that a file lies in, its links resolved: the longest mount point, of several on one point the last. */
    public static Optional<Mount> of(Path file, List<Mount> mounts) {
        return mounts.stream()
                .filter(mount -> file.startsWith(mount.point()))
                .reduce((best, next) ->
                        next.point().getNameCount() >= best.point().getNameCount() ? next : best);
    }

    /** Of ZFS: whether it is a dataset, and not a snapshot of one. */
    public boolean isDataset() {
        return type.equals("zfs") && source.indexOf('@') < 0;
    }

    /** The path within the filesystem of a file below the mount point. */
    public String within(Path file) {
        Path rest = root.resolve(point.relativize(file).toString());
        return Path.of("/").relativize(rest).toString();
    }

    private static Optional<Mount> parse(String line) {
        List<String> halves = List.of(line.split(" - ", 2));
        List<String> head = List.of(halves.get(0).split(" "));
        List<String> tail = List.of(halves.get(halves.size() - 1).split(" "));
        if (halves.size() < 2 || head.size() < 6 || tail.size() < 2) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Mount(
                    head.get(2),
                    Path.of(plain(head.get(3))),
                    Path.of(plain(head.get(4))),
                    tail.get(0),
                    plain(tail.get(1))));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    /** The kernel writes blanks, line ends and backslashes as three octal digits. */
    private static String plain(String escaped) {
        return ESCAPE.matcher(escaped)
                .replaceAll(
                        octal -> Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(octal.group(1), 8))));
    }
}
