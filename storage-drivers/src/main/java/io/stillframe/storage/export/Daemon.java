package io.stillframe.storage.export;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The {@code qemu-storage-daemon} that shows one image: its command line, and the process found again by it. The argument
 * that names the mountpoint is no other process's, so neither a process id on a disk nor its reuse can mislead.
 */
final class Daemon {
    private static final String PROGRAM = "qemu-storage-daemon";
    private static final JsonMapper JSON = new JsonMapper();
    private static final long BETWEEN_LOOKS = 10_000_000;
    private static final int LOOKS = 500;

    private Daemon() {}

    /** It returns once the image can be read, and goes on in a session of its own. */
    static List<String> argv(List<Layer> layers, Path mountpoint) {
        return List.of(
                PROGRAM,
                "--daemonize",
                "--blockdev",
                node(layers, 0).put("node-name", "image").toString(),
                "--export",
                export(mountpoint));
    }

    /** The process that serves a mountpoint, if there is one. */
    static Optional<ProcessHandle> serving(Path mountpoint) {
        String export = export(mountpoint);
        return ProcessHandle.allProcesses()
                .filter(process -> {
                    List<String> argv = commandLine(process.pid());
                    return !argv.isEmpty() && argv.get(0).endsWith(PROGRAM) && argv.contains(export);
                })
                .findFirst();
    }

    /** Ends it; false where it does not end within seconds, as one that waits for a dead disk. */
    static boolean end(Path mountpoint) {
        for (int i = 0; i < LOOKS; i++) {
            Optional<ProcessHandle> process = serving(mountpoint);
            if (process.isEmpty()) {
                return true;
            }
            process.get().destroy();
            LockSupport.parkNanos(BETWEEN_LOOKS);
        }
        return serving(mountpoint).isEmpty();
    }

    private static String export(Path mountpoint) {
        return JSON.createObjectNode()
                .put("type", "fuse")
                .put("id", "export")
                .put("node-name", "image")
                .put("mountpoint", mountpoint.toString())
                .put("writable", false)
                .put("allow-other", "off")
                .toString();
    }

    /**
     * All of it is told, down to the last layer: nothing is left for QEMU to look for in a file. What a header can name
     * besides, a file for the data, cannot be told to be none: no chain is {@linkplain ImageChain.Whole whole} that has one.
     * Others' locks do not count: the machine's QEMU keeps the one for writing on a layer that it has merged into, though it
     * writes to it no more.
     */
    private static ObjectNode node(List<Layer> layers, int index) {
        Layer layer = layers.get(index);
        ObjectNode node = JSON.createObjectNode()
                .put("driver", layer.format())
                .put("read-only", true)
                .put("force-share", true);
        node.putObject("file")
                .put("driver", layer.isBlockDevice() ? "host_device" : "file")
                .put("filename", layer.file().toString())
                .put("read-only", true)
                .put("force-share", true);
        if (layer.isQcow2()) {
            node.set("backing", index + 1 < layers.size() ? node(layers, index + 1) : JSON.nullNode());
        }
        return node;
    }

    /** Empty for one that has ended, or is not for us to see. */
    private static List<String> commandLine(long pid) {
        try {
            return List.of(Files.readString(Path.of("/proc", String.valueOf(pid), "cmdline"), StandardCharsets.UTF_8)
                    .split("\0"));
        } catch (IOException e) {
            return List.of();
        }
    }
}
