package io.stillframe.orchestrator.proof.filesystem;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Clean;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Dirty;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Mark;
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

/**
 * ext2, ext3 and ext4 (Documentation/filesystems/ext4/ of Linux). ext4's driver, which mounts all three, sets {@code
 * needs_recovery} while a filesystem with a journal is mounted for writing and clears it, the journal emptied, while it is
 * frozen ({@code ext4_freeze}); a thaw sets it again before anything else ({@code ext4_unfreeze}). Only the first
 * superblock is looked at: the backups are not written by a freeze.
 */
final class Ext implements Format {
    private static final int AT = 1024;
    private static final int LENGTH = 1024;

    private static final int COMPAT_HAS_JOURNAL = 0x4;
    private static final int INCOMPAT_RECOVER = 0x4;
    private static final int INCOMPAT_JOURNAL_DEV = 0x8;
    private static final int RO_METADATA_CSUM = 0x400;
    /** What ext3's driver knew; anything more is ext4. */
    private static final long EXT3_INCOMPAT = 0x2 | 0x4 | 0x8 | 0x10;

    private static final long EXT3_RO_COMPAT = 0x1 | 0x2 | 0x4;

    private static final int STATE_VALID = 1;
    private static final int STATE_ERROR = 2;
    private static final int STATE_ORPHANS = 4;

    @Override
    public Optional<Filesystem> find(DiskImage volume) {
        if (volume.size() < AT + LENGTH) {
            return Optional.empty();
        }
        Bytes superblock = volume.bytes(AT, LENGTH);
        return superblock.u16(0x38) == 0xef53 ? Optional.of(new Found(volume, superblock)) : Optional.empty();
    }

    private record Found(DiskImage volume, Bytes superblock) implements Filesystem {
        @Override
        public Content content() {
            boolean journal = (compat() & COMPAT_HAS_JOURNAL) != 0;
            boolean beyondExt3 = (incompat() & ~EXT3_INCOMPAT) != 0 || (readOnlyCompat() & ~EXT3_RO_COMPAT) != 0;
            Kind kind = beyondExt3 ? Kind.EXT4 : journal ? Kind.EXT3 : Kind.EXT2;
            return new Content(kind, Label.uuid(superblock, 0x68), Label.of(superblock.array(0x78, 16), UTF_8));
        }

        @Override
        public FilesystemState examine() {
            List<Value> seen = new ArrayList<>();
            Optional<String> wrong = superblockIsWrong(seen);
            if (wrong.isPresent()) {
                return new Dirty(wrong.get(), seen);
            }
            if ((incompat() & INCOMPAT_JOURNAL_DEV) != 0) {
                return new Unprovable("it is the journal of another filesystem");
            }
            boolean recovers = (incompat() & INCOMPAT_RECOVER) != 0;
            seen.add(Value.of("needs_recovery", recovers ? "set" : "clear"));
            if (recovers) {
                return new Dirty("its journal is in use", seen);
            }
            return (compat() & COMPAT_HAS_JOURNAL) == 0 ? withoutJournal(seen) : withJournal(seen);
        }

        private Optional<String> superblockIsWrong(List<Value> seen) {
            if ((readOnlyCompat() & RO_METADATA_CSUM) != 0) {
                boolean right = superblock.u8(0x175) == 1
                        && superblock.u32(0x3fc) == (~Crc.castagnoli(superblock.part(0, 0x3fc)) & 0xffff_ffffL);
                seen.add(Value.of("superblock checksum", right ? "right" : "wrong"));
                if (!right) {
                    return Optional.of("its superblock's checksum is wrong");
                }
            }
            int state = superblock.u16(0x3a);
            seen.add(Value.of("state", "0x%x".formatted(state)));
            if ((state & STATE_ERROR) != 0) {
                return Optional.of("the kernel found errors in it");
            }
            if ((state & STATE_ORPHANS) != 0) {
                return Optional.of("its orphans are being recovered");
            }
            if (superblock.u32(0x18) > 6) {
                return Optional.of("its block size is none");
            }
            return Long.compareUnsigned(blocks(), volume.size() / blockSize()) > 0
                    ? Optional.of("it is larger than its volume")
                    : Optional.empty();
        }

        /**
         * ext2's own driver clears the valid mark while mounted and sets it while frozen ({@code ext2_freeze}); ext4's
         * clears it and leaves it clear, so that there a frozen one looks as a live one does.
         */
        private FilesystemState withoutJournal(List<Value> seen) {
            return isValid()
                    ? new Clean(Mark.AT_REST, seen)
                    : new Unprovable("it has no journal, and a mounted one without is marked the same frozen or not");
        }

        private FilesystemState withJournal(List<Value> seen) {
            if (!isValid()) {
                return new Dirty("it is not marked as clean", seen);
            }
            long inode = superblock.u32(0xe0);
            if (inode == 0) {
                return new Unprovable("its journal is on another device");
            }
            Journal journal;
            try {
                journal =
                        Journal.open(volume, new ExtInodes(volume, superblock, blockSize()).blocks(inode), blockSize());
            } catch (Unreadable e) {
                return new Dirty("its journal cannot be found: " + e.getMessage(), seen);
            }
            Optional<String> used = journal.inUse(seen);
            seen.add(Value.of("orphans", superblock.u32(0xe8) == 0 ? "none" : "some"));
            return used.<FilesystemState>map(reason -> new Dirty(reason, seen))
                    .orElseGet(() -> new Clean(Mark.AT_REST, seen));
        }

        private boolean isValid() {
            return (superblock.u16(0x3a) & STATE_VALID) != 0;
        }

        private int blockSize() {
            return 1024 << superblock.u32(0x18);
        }

        private long blocks() {
            long high = (incompat() & ExtInodes.INCOMPAT_64BIT) == 0 ? 0 : superblock.u32(0x150);
            return high << 32 | superblock.u32(0x4);
        }

        private long compat() {
            return superblock.u32(0x5c);
        }

        private long incompat() {
            return superblock.u32(0x60);
        }

        private long readOnlyCompat() {
            return superblock.u32(0x64);
        }
    }
}
