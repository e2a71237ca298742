package io.stillframe.orchestrator.proof.image;

import io.stillframe.orchestrator.proof.ExamineDisk;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * A disk in memory: the pages of it that hold something. Packed into a file it is the size, then offset and content of each
 * page, compressed. {@code main} packs what {@code lab/capture-filesystems} has made.
 */
public final class SparseImage implements DiskImage {
    private static final int PAGE = 4096;
    /** Of a packed image, in bytes. */
    private static final int LARGE = 100_000;

    private final long size;
    private final TreeMap<Long, byte[]> pages = new TreeMap<>();

    public SparseImage(long size) {
        this.size = size;
    }

    /** The low bytes of a number as most disks have it, the lowest first; 1 to 8 of them. */
    public static byte[] little(int length, long value) {
        byte[] bytes = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
        return Arrays.copyOf(bytes, length);
    }

    /** One of those that are kept as test resources. */
    public static SparseImage resource(String name) {
        try (InputStream packed = SparseImage.class.getResourceAsStream(name + ".gz");
                DataInputStream in = new DataInputStream(new GZIPInputStream(packed, 65536))) {
            SparseImage image = new SparseImage(in.readLong());
            for (long offset = in.readLong(); offset >= 0; offset = in.readLong()) {
                image.pages.put(offset, in.readNBytes(PAGE));
            }
            return image;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same bytes, to be changed. */
    public SparseImage copy() {
        SparseImage copy = new SparseImage(size);
        pages.forEach((offset, page) -> copy.pages.put(offset, page.clone()));
        return copy;
    }

    /** Shorter, or longer. */
    public SparseImage resized(long other) {
        SparseImage copy = new SparseImage(other);
        pages.headMap(other).forEach((offset, page) -> copy.pages.put(offset, page.clone()));
        return copy;
    }

    /** Puts another disk's content into a range of this one. */
    public SparseImage with(long offset, SparseImage content) {
        content.pages.forEach((from, page) -> write(offset + from, page));
        return this;
    }

    /** A range of this disk as one of its own. */
    public SparseImage cut(long offset, long length) {
        SparseImage piece = new SparseImage(length);
        pages.subMap(offset, offset + length).forEach((from, page) -> piece.pages.put(from - offset, page.clone()));
        return piece;
    }

    public SparseImage write(long offset, byte... bytes) {
        for (int i = 0; i < bytes.length; i++) {
            page(offset + i)[(int) ((offset + i) % PAGE)] = bytes[i];
        }
        return this;
    }

    public byte at(long offset) {
        byte[] page = pages.get(offset / PAGE * PAGE);
        return page == null ? 0 : page[(int) (offset % PAGE)];
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public ByteBuffer read(long offset, int length) {
        if (offset < 0 || length < 0 || offset > size - length) {
            throw new IllegalArgumentException("read out of bounds: %d at %d of %d".formatted(length, offset, size));
        }
        ByteBuffer bytes = ByteBuffer.allocate(length);
        long from = offset / PAGE * PAGE;
        for (Map.Entry<Long, byte[]> page : pages.subMap(from, offset + length).entrySet()) {
            long begin = Math.max(offset, page.getKey());
            long end = Math.min(offset + length, page.getKey() + PAGE);
            bytes.position((int) (begin - offset))
                    .put(page.getValue(), (int) (begin - page.getKey()), (int) (end - begin));
        }
        return bytes.clear();
    }

    /** As a raw file, with holes where nothing is. */
    public Path writeTo(Path file) {
        try (FileChannel raw = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            for (Map.Entry<Long, byte[]> page : pages.entrySet()) {
                raw.write(ByteBuffer.wrap(page.getValue()), page.getKey());
            }
            if (raw.size() < size) {
                raw.write(ByteBuffer.allocate(1), size - 1);
            }
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] page(long offset) {
        return pages.computeIfAbsent(offset / PAGE * PAGE, from -> new byte[PAGE]);
    }

    private void pack(OutputStream to) throws IOException {
        try (DataOutputStream out = new DataOutputStream(new GZIPOutputStream(to, 65536))) {
            out.writeLong(size);
            for (Map.Entry<Long, byte[]> page : pages.entrySet()) {
                out.writeLong(page.getKey());
                out.write(page.getValue());
            }
            out.writeLong(-1);
        }
    }

    /** Packs each raw image of the first directory into the second. */
    public static void main(String... arguments) throws IOException {
        try (var images = Files.newDirectoryStream(Path.of(arguments[0]), "*.img")) {
            for (Path image : images) {
                String name = image.getFileName().toString().replaceAll("img$", "gz");
                try (ImageFile raw = ImageFile.open(image);
                        OutputStream to =
                                Files.newOutputStream(Path.of(arguments[1]).resolve(name))) {
                    of(raw).pack(to);
                }
            }
        }
    }

    /** What does not compress is left out, where the proof does not read it. */
    private static SparseImage of(DiskImage raw) throws IOException {
        SparseImage image = whole(raw);
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        image.pack(packed);
        if (packed.size() > LARGE) {
            Set<Long> read = new HashSet<>();
            new ExamineDisk(ReadLimits.DEFAULT, () -> 0).of(new Recording(raw, read));
            image.pages.keySet().retainAll(read);
        }
        return image;
    }

    private record Recording(DiskImage disk, Set<Long> read) implements DiskImage {
        @Override
        public long size() {
            return disk.size();
        }

        @Override
        public ByteBuffer read(long offset, int length) {
            for (long page = offset / PAGE * PAGE; page < offset + length; page += PAGE) {
                read.add(page);
            }
            return disk.read(offset, length);
        }
    }

    private static SparseImage whole(DiskImage raw) {
        SparseImage image = new SparseImage(raw.size());
        for (long offset = 0; offset < raw.size(); offset += PAGE) {
            Bytes page = raw.bytes(offset, (int) Math.min(PAGE, raw.size() - offset));
            if (!page.zero()) {
                image.write(offset, page.array(0, page.length()));
            }
        }
        return image;
    }
}
