package io.stillframe.storage.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Devices and image files, kept open as QEMU has them: the last close of a device would write out its page cache. */
final class OpenFiles {
    private final Map<Path, FileChannel> open = new HashMap<>();

    void write(Path path, int offset, byte[] bytes) {
        try {
            ByteBuffer rest = ByteBuffer.wrap(bytes);
            while (rest.hasRemaining()) {
                channel(path).write(rest, offset + rest.position());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    byte[] read(Path path) {
        try {
            FileChannel channel = channel(path);
            ByteBuffer bytes = ByteBuffer.allocate((int) channel.size());
            while (bytes.hasRemaining() && channel.read(bytes, bytes.position()) > 0) {}
            return bytes.array();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void force(Path path) throws IOException {
        channel(path).force(true);
    }

    void closeAll() {
        Set.copyOf(open.keySet()).forEach(this::close);
    }

    void close(Path path) {
        try (FileChannel closing = open.remove(path)) {
            if (closing != null) {
                closing.force(true);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private FileChannel channel(Path path) {
        return open.computeIfAbsent(path, file -> {
            try {
                return FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
