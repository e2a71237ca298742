package io.stillframe.orchestrator.proof.image;

import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/** The cyclic redundancy checks of what is found on disks. They tell damage, not forgery. */
public final class Crc {
    private static final int[] NIBBLES = nibbles();

    private Crc() {}

    /** CRC-32C over parts, one after the other: of XFS and btrfs. ext4's and jbd2's is its complement. */
    public static long castagnoli(Bytes... parts) {
        return over(new CRC32C(), parts);
    }

    /** CRC-32: of GPT. */
    public static long ieee(Bytes... parts) {
        return over(new CRC32(), parts);
    }

    /** LVM2's: CRC-32 with a beginning of its own and no final complement (lib/misc/crc.c). */
    public static long lvm(Bytes... parts) {
        int crc = 0xf597a6cf;
        for (Bytes part : parts) {
            for (int i = 0; i < part.length(); i++) {
                crc ^= part.u8(i);
                crc = (crc >>> 4) ^ NIBBLES[crc & 0xf];
                crc = (crc >>> 4) ^ NIBBLES[crc & 0xf];
            }
        }
        return crc & 0xffff_ffffL;
    }

    private static long over(Checksum checksum, Bytes... parts) {
        for (Bytes part : parts) {
            checksum.update(part.buffer(0, part.length()));
        }
        return checksum.getValue();
    }

    private static int[] nibbles() {
        int[] table = new int[16];
        for (int i = 0; i < table.length; i++) {
            int value = i;
            for (int bit = 0; bit < 4; bit++) {
                value = (value & 1) == 0 ? value >>> 1 : (value >>> 1) ^ 0xedb88320;
            }
            table[i] = value;
        }
        return table;
    }
}
