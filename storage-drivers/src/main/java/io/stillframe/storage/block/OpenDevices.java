package io.stillframe.storage.block;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Which block devices the processes of this host have open; proc(5). Needs root to see all of them. */
public final class OpenDevices {
    private static final Path PROC = Path.of("/proc");
    private static final int KIND = 0170000;
    private static final int BLOCK = 0060000;

    private OpenDevices() {}

    /**
     * Whether another process has a block device open, by whatever node. What is no block device is not looked for.
     *
     * @throws IOException when the device, or {@code /proc}, cannot be looked at
     */
    public static boolean isOpen(Path device) throws IOException {
        if (!isBlock(device)) {
            return false;
        }
        Object number = Files.getAttribute(device, "unix:rdev");
        long self = ProcessHandle.current().pid();
        for (Path process : list(PROC, "[0-9]*")) {
            if (!process.endsWith(String.valueOf(self)) && holds(process, number)) {
                return true;
            }
        }
        return false;
    }

    /** A process may end meanwhile, and then it holds nothing. */
    private static boolean holds(Path process, Object number) {
        try {
            for (Path open : list(process.resolve("fd"), "*")) {
                if (isBlock(open) && Files.getAttribute(open, "unix:rdev").equals(number)) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isBlock(Path file) throws IOException {
        return Files.exists(file) && ((int) Files.getAttribute(file, "unix:mode") & KIND) == BLOCK;
    }

    private static List<Path> list(Path directory, String glob) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, glob)) {
            entries.forEach(found::add);
        }
        return found;
    }
}
