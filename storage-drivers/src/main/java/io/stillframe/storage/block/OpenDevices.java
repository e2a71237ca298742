package io.stillframe.storage.block;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Which block devices this host uses, its processes or its kernel; proc(5), sysfs(5). Needs root to see all of them. */
public final class OpenDevices {
    private static final Path PROC = Path.of("/proc");
    private static final Path DEVICES = Path.of("/sys/dev/block");

    private OpenDevices() {}

    /**
     * Whether another process has a block device, or a partition of it, open by whatever node, or the kernel uses one of them:
     * for a filesystem that is mounted in whatever namespace, for swap, or below another device. What is no block device is not
     * looked for.
     *
     * @throws IOException when the device, {@code /proc} or {@code /sys} cannot be looked at
     */
    public static boolean isOpen(Path device) throws IOException {
        Optional<String> number = BlockDevice.number(device);
        if (number.isEmpty()) {
            return false;
        }
        Set<String> numbers = withPartitions(number.get());
        return isBelowAnother(numbers) || isMounted(numbers) || isSwap(numbers) || isOpen(numbers);
    }

    private static Set<String> withPartitions(String number) throws IOException {
        Set<String> numbers = new HashSet<>(Set.of(number));
        Path device = DEVICES.resolve(number);
        if (Files.exists(device)) {
            for (Path part : list(device.toRealPath(), "*")) {
                if (Files.exists(part.resolve("partition"))) {
                    numberOf(part).ifPresent(numbers::add);
                }
            }
        }
        return numbers;
    }

    /** A partition goes and comes when the table is read anew. */
    private static Optional<String> numberOf(Path part) {
        try {
            return Optional.of(Files.readString(part.resolve("dev")).strip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static boolean isBelowAnother(Set<String> numbers) throws IOException {
        for (String number : numbers) {
            Path holders = DEVICES.resolve(number).resolve("holders");
            if (Files.exists(holders) && !list(holders, "*").isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** In whatever namespace of mounts: what each has is told by one of its processes, which may end meanwhile. */
    private static boolean isMounted(Set<String> numbers) throws IOException {
        Set<Path> namespaces = new HashSet<>();
        for (Path process : list(PROC, "[0-9]*")) {
            try {
                Path namespace = Files.readSymbolicLink(process.resolve("ns/mnt"));
                if (!namespaces.contains(namespace) && isMounted(numbers, Mount.read(process.resolve("mountinfo")))) {
                    return true;
                }
                namespaces.add(namespace);
            } catch (IOException | UncheckedIOException e) {
                // it has ended: another one of its namespace tells
            }
        }
        if (namespaces.isEmpty()) {
            throw new IOException("no process tells its mounts");
        }
        return false;
    }

    /** By the filesystem's own number, or by the path that was mounted: some have a number of their own. */
    private static boolean isMounted(Set<String> numbers, List<Mount> mounts) {
        return mounts.stream().anyMatch(mount -> numbers.contains(mount.device()) || isOneOf(numbers, mount.source()));
    }

    private static boolean isSwap(Set<String> numbers) throws IOException {
        return text(PROC.resolve("swaps")).lines().skip(1).anyMatch(line -> isOneOf(numbers, line.split("\\s", 2)[0]));
    }

    private static boolean isOneOf(Set<String> numbers, String path) {
        return path.startsWith("/")
                && lookedAt(Path.of(path)).filter(numbers::contains).isPresent();
    }

    /** What is no text is nothing that is looked for here. */
    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }

    private static boolean isOpen(Set<String> numbers) throws IOException {
        long self = ProcessHandle.current().pid();
        for (Path process : list(PROC, "[0-9]*")) {
            if (!process.endsWith(String.valueOf(self)) && holds(process, numbers)) {
                return true;
            }
        }
        return false;
    }

    /** A process may end meanwhile, and then it holds nothing. */
    private static boolean holds(Path process, Set<String> numbers) {
        try {
            return list(process.resolve("fd"), "*").stream()
                    .anyMatch(open -> lookedAt(open).filter(numbers::contains).isPresent());
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
