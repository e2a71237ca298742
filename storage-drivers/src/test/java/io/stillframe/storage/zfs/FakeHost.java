package io.stillframe.storage.zfs;

import io.stillframe.storage.Volume;
import io.stillframe.storage.block.Patience;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A host in a directory: device nodes, a table of mounts, the pool {@code tank} and its dataset {@code tank/images}. */
final class FakeHost {
    static final byte[] CONTENT = "what the guest wrote".repeat(1000).getBytes(StandardCharsets.UTF_8);

    final Host host;
    final FakeZfs zfs;
    final Path images;

    FakeHost(Path directory) throws IOException {
        Path root = directory.toRealPath();
        images = Files.createDirectories(root.resolve("images"));
        host = new Host(Files.createDirectories(root.resolve("dev")), root.resolve("mountinfo"), new Patience(2));
        mount("tank/images", images);
        zfs = new FakeZfs(host);
        zfs.pool("tank");
        zfs.mounted("tank/images", images);
    }

    /** A zvol under its link. */
    Volume zvol(String disk, String dataset) {
        zfs.zvol(dataset, CONTENT);
        return new Volume(disk, "block", host.device(dataset).toString(), "raw", 1, true, "none");
    }

    /** A file in {@code tank/images}. */
    Volume file(String disk, String path, String format) throws IOException {
        Path file = images.resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, format.equals("qcow2") ? withHeader() : CONTENT);
        return new Volume(disk, "file", file.toString(), format, 1, true, "none");
    }

    /** The header of an image of version 3 that lies on nothing. */
    private static byte[] withHeader() {
        return ByteBuffer.wrap(CONTENT.clone())
                .putInt(0, 0x514649fb)
                .putInt(4, 3)
                .putLong(8, 0)
                .putInt(16, 0)
                .putInt(20, 16)
                .putLong(72, 0)
                .putInt(100, 112)
                .array();
    }

    /** Adds a line to the table of mounts, as the kernel writes it. */
    void mount(String source, Path point) throws IOException {
        long device = (long) Files.getAttribute(images, "unix:dev");
        String line = "31 30 %d:%d / %s rw,xattr,noacl - zfs %s rw,xattr,noacl\n"
                .formatted(
                        (device >> 8) & 0xfff,
                        (device & 0xff) | ((device >> 12) & 0xfff00),
                        point.toString().replace(" ", "\\040"),
                        source.replace(" ", "\\040"));
        Files.writeString(host.mountinfo(), line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
