package io.stillframe.db;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.util.zip.CRC32C;

/**
 * Writes, one behind the other in a file, each with a checksum over itself and the checksum before it. Whoever follows
 * the chain gets every write up to the first one that is not there as it was written, whatever comes after that, and
 * nothing that once stood in its place.
 *
 * <p>The file's first sector holds a mark: up to here the chain is known to be on the disk. A chain that breaks before is
 * damaged; one that breaks behind it has been through a power loss, or its writer was killed. The mark is the one thing
 * that is overwritten, within one sector, which a disk writes as a whole or not at all.
 *
 * <pre>
 * mark:    magic 8, end 8, checksum of the record before the end 4, CRC-32C of these 4, zeros up to 512
 * record:  position 8, length 4, CRC-32C of the checksum before, position, length and data 4, data;
 *          with no data: the file was cut at the position
 * </pre>
 */
final class Chain {
    private static final long MAGIC = 0x5354_494c_4c46_524dL;
    private static final int START = 512;
    private static final int MARK = 24;
    private static final int HEADER = 16;
    private static final int WINDOW = 1 << 18;

    private final FileChannel file;
    private Mark mark;

    private Chain(FileChannel file, Mark mark) {
        this.file = file;
        this.mark = mark;
    }

    /**
     * A place between two records.
     *
     * @param end of the record before, in bytes from the beginning of the file
     * @param check that record's checksum
     */
    record Mark(long end, int check) {
        static final Mark FIRST = new Mark(START, 0);
    }

    /** A record that was found. */
    @FunctionalInterface
    interface Content {
        void at(long position, int length, long place);
    }

    /** In an empty file. */
    static Chain begin(FileChannel file) throws IOException {
        Chain chain = new Chain(file, Mark.FIRST);
        chain.write(ByteBuffer.allocate(START), 0);
        chain.claim(Mark.FIRST);
        return chain;
    }

    /** From the first record on. */
    static Chain whole(FileChannel file) {
        return new Chain(file, Mark.FIRST);
    }

    /** From the mark on. */
    static Chain fromMark(FileChannel file) throws IOException {
        return new Chain(file, claimed(file));
    }

    Mark mark() {
        return mark;
    }

    /** Goes on to the end: to what was never written, or is not there as it was written. */
    void follow(Content content) throws IOException {
        file.position(mark.end());
        DataInputStream in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(file), WINDOW));
        try {
            while (true) {
                long position = in.readLong();
                int length = in.readInt();
                int check = in.readInt();
                byte[] data = in.readNBytes(Math.max(0, length));
                if (data.length != length || check != check(mark.check(), position, ByteBuffer.wrap(data))) {
                    return;
                }
                content.at(position, length, mark.end() + HEADER);
                mark = new Mark(mark.end() + HEADER + length, check);
            }
        } catch (EOFException e) {
            // the chain ends where the file does
        }
    }

    /** Returns where in the file the data now is. */
    long append(long position, ByteBuffer data) throws IOException {
        int length = data.remaining();
        int check = check(mark.check(), position, data.duplicate());
        ByteBuffer record = ByteBuffer.allocate(HEADER + length);
        record.putLong(position).putInt(length).putInt(check).put(data);
        write(record.flip(), mark.end());
        long place = mark.end() + HEADER;
        mark = new Mark(place + length, check);
        return place;
    }

    /** What the file says is on the disk. */
    static Mark claimed(FileChannel file) throws IOException {
        ByteBuffer read = ByteBuffer.allocate(MARK);
        while (read.hasRemaining() && file.read(read, read.position()) > 0) {
            // a read may bring a part only
        }
        read.flip();
        if (read.limit() < MARK || read.getLong() != MAGIC || crc(read.slice(0, MARK - 4)) != read.getInt(MARK - 4)) {
            throw new DamagedException("the file does not begin as a journal");
        }
        return new Mark(read.getLong(), read.getInt());
    }

    /** Notes, without waiting, that everything up to there is on the disk. */
    void claim(Mark forced) throws IOException {
        ByteBuffer claim = ByteBuffer.allocate(MARK);
        claim.putLong(MAGIC).putLong(forced.end()).putInt(forced.check());
        claim.putInt(crc(claim.slice(0, MARK - 4)));
        write(claim.flip(), 0);
    }

    private void write(ByteBuffer bytes, long at) throws IOException {
        long place = at;
        while (bytes.hasRemaining()) {
            place += file.write(bytes, place);
        }
    }

    private static int check(int before, long position, ByteBuffer data) {
        ByteBuffer head = ByteBuffer.allocate(HEADER);
        head.putInt(before).putLong(position).putInt(data.remaining());
        return crc(head.flip(), data);
    }

    private static int crc(ByteBuffer... all) {
        CRC32C crc = new CRC32C();
        for (ByteBuffer each : all) {
            crc.update(each);
        }
        return (int) crc.getValue();
    }
}
