package io.stillframe.orchestrator.proof.filesystem;

import io.stillframe.orchestrator.proof.image.Bytes;
import io.stillframe.orchestrator.proof.image.DiskImage;
import io.stillframe.orchestrator.proof.image.Unreadable;
import java.nio.ByteBuffer;
import java.util.Optional;

/** One record of an NTFS file table, its sectors' ends put back in place. */
record NtfsRecord(Bytes bytes) {
    private static final int STRIDE = 512;
    private static final int RESIDENT_HEADER = 24;
    private static final int VOLUME_NAME = 0x60;
    private static final int VOLUME_INFORMATION = 0x70;

    /**
     * Reads one.
     *
     * @param size a power of two from 512 on
     * @throws Unreadable when it is none, or was written only in part
     */
    static NtfsRecord read(DiskImage volume, long at, int size) {
        Bytes raw = volume.bytes(at, size);
        int fixups = raw.u16(4);
        if (!raw.holds(0, "FILE") || raw.u16(6) != size / STRIDE + 1 || (raw.u16(0x16) & 1) == 0) {
            throw new Unreadable("it is no file record");
        }
        ByteBuffer whole = ByteBuffer.wrap(raw.array(0, size));
        for (int i = 1; i <= size / STRIDE; i++) {
            int end = i * STRIDE - 2;
            if (raw.u16(end) != raw.u16(fixups)) {
                throw new Unreadable("a file record was written in part");
            }
            byte[] original = raw.array(fixups + 2 * i, 2);
            whole.put(end, original[0]).put(end + 1, original[1]);
        }
        return new NtfsRecord(Bytes.of(whole));
    }

    Optional<Bytes> volumeName() {
        return resident(VOLUME_NAME);
    }

    Optional<Bytes> volumeInformation() {
        return resident(VOLUME_INFORMATION).filter(value -> value.length() >= 12);
    }

    private Optional<Bytes> resident(int type) {
        int at = bytes.u16(0x14);
        // every attribute is longer than its header, so this ends with the record
        while (at <= bytes.length() - RESIDENT_HEADER && bytes.u32(at) != 0xffff_ffffL) {
            long length = bytes.u32(at + 4);
            if (length < RESIDENT_HEADER || length > bytes.length() - at) {
                return Optional.empty();
            }
            if (bytes.u32(at) == type && bytes.u8(at + 8) == 0) {
                return value(bytes.part(at, (int) length));
            }
            at += (int) length;
        }
        return Optional.empty();
    }

    private static Optional<Bytes> value(Bytes attribute) {
        long length = attribute.u32(0x10);
        int from = attribute.u16(0x14);
        return length <= attribute.length() - from ? Optional.of(attribute.part(from, (int) length)) : Optional.empty();
    }
}
