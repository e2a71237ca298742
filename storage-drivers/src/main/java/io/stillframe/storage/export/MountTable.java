package io.stillframe.storage.export;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is mounted, as this process sees it (proc(5), {@code /proc/pid/mountinfo}). */
final class MountTable {
    private static final Path TABLE = Path.of("/proc/self/mountinfo");
    private static final Pattern ESCAPED = Pattern.compile("\\\\([0-7]{3})");

    private MountTable() {}

    /** Whether something is mounted exactly here. */
    static boolean has(Path mountpoint) {
        try {
            // what is no text names nothing of ours
            String table = new String(Files.readAllBytes(TABLE), StandardCharsets.UTF_8);
            return points(table.lines().toList()).contains(mountpoint.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<String> points(List<String> lines) {
        return lines.stream()
                .map(line -> line.split(" "))
                .filter(fields -> fields.length > 4)
                .map(fields -> unescaped(fields[4]))
                .toList();
    }

    /** Blanks, tabs, line breaks and backslashes are written as three octal digits. */
    private static String unescaped(String field) {
        return ESCAPED.matcher(field)
                .replaceAll(
                        found -> Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(found.group(1), 8))));
    }
}
