package io.stillframe.orchestrator.proof.filesystem;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Clean;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Dirty;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Unprovable;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Value;
import io.stillframe.orchestrator.proof.image.Bytes;
import io.stillframe.orchestrator.proof.image.Crc;
import io.stillframe.orchestrator.proof.image.DiskImage;
import io.stillframe.orchestrator.proof.image.Label;
import io.stillframe.orchestrator.proof.image.Unreadable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** XFS ({@code struct xfs_dsb}, fs/xfs/libxfs/xfs_format.h). Its superblock has no mark of a freeze: {@link XfsLog} has. */
final class Xfs implements Format {
    private static final int HEAD = 512;
    private static final long INCOMPAT_NEEDSREPAIR = 0x10;

    @Override
    public Optional<Filesystem> find(DiskImage volume) {
        if (volume.size() < HEAD) {
            return Optional.empty();
        }
        Bytes head = volume.bytes(0, HEAD).bigEndian();
        return head.holds(0, "XFSB") ? Optional.of(new Found(volume, head)) : Optional.empty();
    }

    private record Found(DiskImage volume, Bytes superblock) implements Filesystem {
        @Override
        public Content content() {
            return new Content(Kind.XFS, Label.uuid(superblock, 32), Label.of(superblock.array(108, 12), UTF_8));
        }

        @Override
        public FilesystemState examine() {
            List<Value> seen = new ArrayList<>();
            Optional<String> wrong = superblockIsWrong(seen);
            if (wrong.isPresent()) {
                return new Dirty(wrong.get(), seen);
            }
            if (superblock.bits64(48) == 0) {
                return new Unprovable("its log is on another device");
            }
            if (superblock.bits64(16) != 0) {
                return new Unprovable("a part of it is on another device (realtime)");
            }
            try {
                return judged(
                        XfsLog.open(log(), XfsInodes.of(volume, superblock)).examine(), seen);
            } catch (Unreadable e) {
                return new Dirty("its log cannot be read: " + e.getMessage(), seen);
            }
        }

        private static FilesystemState judged(XfsLog.Verdict log, List<Value> seen) {
            seen.addAll(log.seen());
            return log.doubt()
                    .<FilesystemState>map(doubt -> new Dirty(doubt, seen))
                    .orElseGet(() -> new Clean(log.mark(), seen));
        }

        private Optional<String> superblockIsWrong(List<Value> seen) {
            int version = superblock.u16(100) & 0xf;
            if (version == 5) {
                boolean right = checksumIsRight();
                seen.add(Value.of("superblock checksum", right ? "right" : "wrong"));
                if (!right) {
                    return Optional.of("its superblock's checksum is wrong");
                }
                if ((superblock.u32(216) & INCOMPAT_NEEDSREPAIR) != 0) {
                    return Optional.of("it is marked as in need of a repair");
                }
            } else if (version != 4) {
                return Optional.of("its version is %d, which is none".formatted(version));
            }
            if (superblock.u8(126) != 0) {
                return Optional.of("it was never made to its end");
            }
            return geometryIsWrong();
        }

        private Optional<String> geometryIsWrong() {
            long size = superblock.u32(4);
            if (size < 512 || size > 65536 || Long.bitCount(size) != 1 || size != 1L << superblock.u8(120)) {
                return Optional.of("its block size is none");
            }
            return superblock.bits64(8) < 0 || superblock.bits64(8) > volume.size() / size
                    ? Optional.of("it is larger than its volume")
                    : Optional.empty();
        }

        private boolean checksumIsRight() {
            int sector = superblock.u16(102);
            if (sector < 512 || sector > 32768 || Integer.bitCount(sector) != 1) {
                return false;
            }
            Bytes whole = volume.bytes(0, sector);
            return whole.u32(224)
                    == Crc.castagnoli(whole.part(0, 224), Bytes.of(new byte[4]), whole.part(228, sector - 228));
        }

        /** A filesystem block's number is its allocation group's, and its own within that. */
        private DiskImage log() {
            long start = superblock.u64(48);
            int groupBits = superblock.u8(124);
            long perGroup = superblock.u32(84);
            long blockSize = superblock.u32(4);
            long length = superblock.u32(96);
            if (groupBits > 31 || start >>> groupBits >= superblock.u32(88)) {
                throw new Unreadable("it begins nowhere");
            }
            long block = (start >>> groupBits) * perGroup + (start & (1L << groupBits) - 1);
            if (block >= volume.size() / blockSize) {
                throw new Unreadable("it begins beyond the end");
            }
            return volume.part(block * blockSize, length * blockSize);
        }
    }
}
