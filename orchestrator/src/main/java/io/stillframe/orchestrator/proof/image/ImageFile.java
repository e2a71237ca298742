package io.stillframe.orchestrator.proof.image;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A raw image file or a block device, opened for reading alone. */
public final class ImageFile implements DiskImage, AutoCloseable {
    private final Path path;
    private final FileChannel channel;
    private final long size;

    private ImageFile(Path path, FileChannel channel, long size) {
        this.path = path;
        this.channel = channel;
        this.size = size;
    }

    /**
     * Opens it; its size is what it is now.
     *
     * @throws UncheckedIOException when that is not possible
     */
    public static ImageFile open(Path path) {
        try {
            FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
            try {
                return new ImageFile(path, channel, channel.size());
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot open %s: %s".formatted(path, e.getMessage()), e);
        }
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public ByteBuffer read(long offset, int length) {
        Extent.within(size, offset, length);
        ByteBuffer buffer = ByteBuffer.allocate(length);
        try {
            while (buffer.hasRemaining()) {
                if (channel.read(buffer, offset + buffer.position()) < 0) {
                    throw new EOFException("it became shorter");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot read %d bytes at %d of %s: %s".formatted(length, offset, path, e.getMessage()), e);
        }
        return buffer.flip();
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close %s".formatted(path), e);
        }
    }
}
