package io.stillframe.orchestrator.proof.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Bytes taken apart as unsigned numbers; a position beyond the end is {@link Unreadable}, never an exception of Java's. */
public final class Bytes {
    private final ByteBuffer buffer;

    private Bytes(ByteBuffer buffer) {
        this.buffer = buffer;
    }

    public static Bytes of(ByteBuffer buffer) {
        return new Bytes(buffer.slice().order(ByteOrder.LITTLE_ENDIAN));
    }

    public static Bytes of(byte[] bytes) {
        return of(ByteBuffer.wrap(bytes));
    }

    /** The same bytes, read big end first. */
    public Bytes bigEndian() {
        return new Bytes(buffer.duplicate().order(ByteOrder.BIG_ENDIAN));
    }

    public int length() {
        return buffer.limit();
    }

    public int u8(int at) {
        return buffer.get(within(at, 1)) & 0xff;
    }

    public int u16(int at) {
        return buffer.getShort(within(at, 2)) & 0xffff;
    }

    public long u32(int at) {
        return buffer.getInt(within(at, 4)) & 0xffff_ffffL;
    }

    /** All 64 bits; negative where the highest is set. */
    public long bits64(int at) {
        return buffer.getLong(within(at, 8));
    }

    /** A size or a place: nothing that is addressed has one of 2^63 or more. */
    public long u64(int at) {
        long value = bits64(at);
        if (value < 0) {
            throw new Unreadable("a number is beyond all sizes");
        }
        return value;
    }

    /** Whether these characters stand there. */
    public boolean holds(int at, String latin1) {
        byte[] expected = latin1.getBytes(StandardCharsets.ISO_8859_1);
        if (at < 0 || at > length() - expected.length) {
            return false;
        }
        for (int i = 0; i < expected.length; i++) {
            if (buffer.get(at + i) != expected[i]) {
                return false;
            }
        }
        return true;
    }

    /** Whether every byte is zero. */
    public boolean zero() {
        int at = 0;
        while (at <= length() - 8 && buffer.getLong(at) == 0) {
            at += 8;
        }
        while (at < length() && buffer.get(at) == 0) {
            at++;
        }
        return at == length();
    }

    public Bytes part(int at, int length) {
        ByteBuffer part = buffer.duplicate().position(within(at, length)).limit(at + length);
        return new Bytes(part.slice().order(buffer.order()));
    }

    /** A copy. */
    public byte[] array(int at, int length) {
        byte[] copy = new byte[length];
        buffer.get(within(at, length), copy);
        return copy;
    }

    /** A view for checksums. */
    public ByteBuffer buffer(int at, int length) {
        return part(at, length).buffer;
    }

    private int within(int at, int length) {
        if (at < 0 || length < 0 || at > buffer.limit() - length) {
            throw new Unreadable("a structure is shorter than it says");
        }
        return at;
    }
}
