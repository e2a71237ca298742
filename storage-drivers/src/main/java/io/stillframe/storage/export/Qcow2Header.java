package io.stillframe.storage.export;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * The header of a qcow2 file (https://gitlab.com/qemu-project/qemu/-/blob/master/docs/interop/qcow2.txt). It is read as
 * data: nothing that it names is opened, so a file that a guest wrote to look like one can do no harm.
 *
 * @param virtualSize of the disk that it holds, in bytes
 * @param backing the name of the file below, as it is written; QEMU takes at most 1023 bytes
 * @param backingFormat the format to read that with, where it is told
 * @param corrupt whether QEMU has marked the image as damaged
 * @param externalData whether its content lies in another file, which QEMU opens wherever the header says it is
 */
public record Qcow2Header(
        long virtualSize,
        Optional<String> backing,
        Optional<String> backingFormat,
        boolean corrupt,
        boolean externalData) {
    private static final int MAGIC = 0x514649fb;
    private static final int MIN_LENGTH = 72;
    private static final int MAX_CLUSTER_BITS = 21;
    private static final int MAX_NAME = 1023;
    private static final int BACKING_FORMAT = 0xe2792aca;
    /** Among the incompatible features. */
    private static final int CORRUPT = 0b10;

    private static final int EXTERNAL_DATA = 0b100;
    /** The largest first-level table that QEMU takes, in bytes. */
    private static final int MAX_TABLE = 32 * 1024 * 1024;

    /** Empty where the file is no regular file, or holds no qcow2 header. */
    public static Optional<Qcow2Header> read(Path file) {
        return with(file, Qcow2Header::parse);
    }

    /**
     * Whether a regular file is a qcow2 image in which nothing was ever written, or one that was never finished; a file of
     * no length counts.
     */
    public static boolean holdsNothing(Path file) {
        return with(file, (channel, start) -> Optional.of(isEmpty(channel, start)))
                .orElse(false);
    }

    private interface Reading<T> {
        Optional<T> of(FileChannel channel, ByteBuffer start) throws IOException;
    }

    private static <T> Optional<T> with(Path file, Reading<T> reading) {
        // anything else may block, or do something, when it is opened
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return reading.of(channel, at(channel, 0, 1 << 12));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<Qcow2Header> parse(FileChannel channel, ByteBuffer start) throws IOException {
        if (!isQcow2(start)) {
            return Optional.empty();
        }
        boolean hasFeatures = start.getInt(4) > 2 && start.limit() >= 104;
        int headerLength = hasFeatures ? start.getInt(100) : MIN_LENGTH;
        long features = hasFeatures ? start.getLong(72) : 0;
        boolean corrupt = (features & CORRUPT) != 0;
        boolean externalData = (features & EXTERNAL_DATA) != 0;
        long nameOffset = start.getLong(8);
        int nameLength = start.getInt(16);
        if (nameOffset == 0 || nameLength <= 0 || nameLength > MAX_NAME) {
            return Optional.of(
                    new Qcow2Header(start.getLong(24), Optional.empty(), Optional.empty(), corrupt, externalData));
        }
        return Optional.of(new Qcow2Header(
                start.getLong(24),
                Optional.of(text(at(channel, nameOffset, nameLength))),
                extension(start, headerLength),
                corrupt,
                externalData));
    }

    private static boolean isQcow2(ByteBuffer start) {
        return start.limit() >= MIN_LENGTH
                && start.getInt(0) == MAGIC
                && start.getInt(4) >= 2
                && start.getInt(20) <= MAX_CLUSTER_BITS;
    }

    /** The format of the backing file among the header's extensions: type, length, and data in units of 8 bytes. */
    private static Optional<String> extension(ByteBuffer start, int headerLength) {
        int position = headerLength;
        while (position >= MIN_LENGTH && position + 8 <= start.limit()) {
            int type = start.getInt(position);
            int length = start.getInt(position + 4);
            if (type == 0 || length < 0 || length > start.limit() - position - 8) {
                return Optional.empty();
            }
            if (type == BACKING_FORMAT) {
                return Optional.of(text(start.slice(position + 8, length)));
            }
            position += 8 + (length + 7) / 8 * 8;
        }
        return Optional.empty();
    }

    private static boolean isEmpty(FileChannel channel, ByteBuffer start) throws IOException {
        if (start.limit() == 0) {
            return true;
        }
        if (!isQcow2(start) || start.getInt(60) != 0) {
            return false;
        }
        long length = start.getInt(36) * 8L;
        if (length < 0 || length > MAX_TABLE) {
            return false;
        }
        ByteBuffer table = at(channel, start.getLong(40), (int) length);
        while (table.hasRemaining()) {
            if (table.get() != 0) {
                return false;
            }
        }
        return true;
    }

    private static ByteBuffer at(FileChannel channel, long offset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        if (offset < 0) {
            return bytes.flip();
        }
        while (bytes.hasRemaining() && channel.read(bytes, offset + bytes.position()) >= 0) {
            // until all is there, or the file ends
        }
        return bytes.flip();
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes).toString();
    }
}
