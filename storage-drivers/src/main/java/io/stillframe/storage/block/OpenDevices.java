package io.stillframe.storage.block;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which block devices the processes of this host have open; proc(5). Needs root to see all of them. */
public final class OpenDevices {
    private static final Path PROC = Path.of("/proc");

    private OpenDevices() {}

    /**
     * Whether another process has a block device open, by whatever node. What is no block device is not looked for.
     *
     * @throws IOException when the device, or {@code /proc}, cannot be looked at
     */
    public static boolean isOpen(Path device) throws IOException {
        Optional<String> number = BlockDevice.number(device);
        if (number.isEmpty()) {
            return false;
        }
        long self = ProcessHandle.current().pid();
        for (Path process : list(PROC, "[0-9]*")) {
            if (!process.endsWith(String.valueOf(self)) && holds(process, number)) {
                return true;
            }
        }
        return false;
    }

    /** A process may end meanwhile, and then it holds nothing. */
    private static boolean holds(Path process, Optional<String> number) {
        try {
            return list(process.resolve("fd"), "*").stream()
                    .anyMatch(open -> lookedAt(open).equals(number));
        } catch (IOException e) {
            return false;
        }
    }

    /** One that cannot be looked at hides none of the others. */
    private static Optional<String> lookedAt(Path open) {
        try {
            return BlockDevice.number(open);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static List<Path> list(Path directory, String glob) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, glob)) {
            entries.forEach(found::add);
        }
        return found;
    }
}
