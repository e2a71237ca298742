package io.stillframe.orchestrator.proof.filesystem;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Clean;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Dirty;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Mark;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Unprovable;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Value;
import io.stillframe.orchestrator.proof.image.Bytes;
import io.stillframe.orchestrator.proof.image.DiskImage;
import io.stillframe.orchestrator.proof.image.Label;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * FAT12, FAT16 and FAT32 (Microsoft's "FAT32 File System Specification" 1.03). Two marks of a volume in use: a bit in the
 * boot sector, which Linux sets while mounted for writing ({@code fat_set_state}) and Windows NT knows, and one in the
 * second entry of the table, of Windows 9x and others. FAT12 has no room for the second. No freeze clears them: a mounted
 * FAT is always found in use.
 */
final class Fat implements Format {
    private static final int LENGTH = 512;

    @Override
    public Optional<Filesystem> find(DiskImage volume) {
        if (volume.size() < LENGTH) {
            return Optional.empty();
        }
        Bytes boot = volume.bytes(0, LENGTH);
        return isFat(boot) ? Optional.of(new Found(volume, boot)) : Optional.empty();
    }

    private static boolean isFat(Bytes boot) {
        int sector = boot.u16(11);
        return (boot.u8(0) == 0xeb || boot.u8(0) == 0xe9)
                && boot.u16(510) == 0xaa55
                && sector >= 512
                && sector <= 4096
                && Integer.bitCount(sector) == 1
                && Integer.bitCount(boot.u8(13)) == 1
                && boot.u16(14) != 0
                && (boot.u8(16) == 1 || boot.u8(16) == 2)
                && (boot.holds(54, "FAT1") || boot.holds(82, "FAT32"));
    }

    private record Found(DiskImage volume, Bytes boot) implements Filesystem {
        @Override
        public Content content() {
            int at = isFat32() ? 67 : 39;
            String serial = "%04X-%04X".formatted(boot.u16(at + 2), boot.u16(at));
            String label = Label.of(boot.array(at + 4, 11), ISO_8859_1);
            return new Content(Kind.VFAT, serial, label.equals("NO NAME") ? "" : label);
        }

        @Override
        public FilesystemState examine() {
            long clusters = clusters();
            if (clusters < 0) {
                return new Unprovable("its sizes contradict one another");
            }
            List<Value> seen = new ArrayList<>();
            boolean inUse = (boot.u8(isFat32() ? 65 : 37) & 1) != 0;
            seen.add(Value.of("boot sector", inUse ? "in use" : "not in use"));
            long table = (long) boot.u16(14) * boot.u16(11);
            if (isFat32()) {
                inUse |= bitIsClear(seen, volume.bytes(table + 4, 4).u32(0), 27);
            } else if (clusters >= 4085) {
                inUse |= bitIsClear(seen, volume.bytes(table + 2, 2).u16(0), 15);
            }
            return inUse ? new Dirty("it is in use", seen) : new Clean(Mark.AT_REST, seen);
        }

        private static boolean bitIsClear(List<Value> seen, long entry, int bit) {
            boolean clear = (entry >>> bit & 1) == 0;
            seen.add(Value.of("table", clear ? "in use" : "not in use"));
            return clear;
        }

        private boolean isFat32() {
            return boot.u16(22) == 0;
        }

        private long clusters() {
            long sectors = boot.u16(19) != 0 ? boot.u16(19) : boot.u32(32);
            long table = isFat32() ? boot.u32(36) : boot.u16(22);
            long root = (boot.u16(17) * 32L + boot.u16(11) - 1) / boot.u16(11);
            return (sectors - boot.u16(14) - boot.u8(16) * table - root) / boot.u8(13);
        }
    }
}
