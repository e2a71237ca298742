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
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * btrfs ({@code struct btrfs_super_block}, include/uapi/linux/btrfs_tree.h). A freeze commits ({@code btrfs_freeze}), after
 * which there is no log tree: {@code log_root} is 0. An fsync since the last commit leaves one. A live btrfs without one
 * looks as a frozen one does.
 */
final class Btrfs implements Format {
    private static final int AT = 64 * 1024;
    private static final int LENGTH = 4096;

    @Override
    public Optional<Filesystem> find(DiskImage volume) {
        if (volume.size() < AT + LENGTH) {
            return Optional.empty();
        }
        Bytes superblock = volume.bytes(AT, LENGTH);
        return superblock.holds(0x40, "_BHRfS_M") ? Optional.of(new Found(volume, superblock)) : Optional.empty();
    }

    private record Found(DiskImage volume, Bytes superblock) implements Filesystem {
        @Override
        public Content content() {
            return new Content(Kind.BTRFS, Label.uuid(superblock, 0x20), Label.of(superblock.array(0x12b, 256), UTF_8));
        }

        @Override
        public FilesystemState examine() {
            int kind = superblock.u16(0xc4);
            if (kind != 0 && kind != 2) {
                return new Unprovable("its checksums are of kind %d, which is not checked here".formatted(kind));
            }
            if (!checksumIsRight(kind)) {
                return new Dirty("its superblock's checksum is wrong", List.of());
            }
            if (superblock.bits64(0x30) != AT) {
                return new Dirty("its superblock belongs elsewhere", List.of());
            }
            if (superblock.bits64(0x88) != 1) {
                return new Unprovable("it spans several devices");
            }
            List<Value> seen = List.of(
                    Value.of("superblock checksum", "right"),
                    Value.of("generation", Long.toUnsignedString(superblock.bits64(0x48))),
                    Value.of("log_root", Long.toUnsignedString(superblock.bits64(0x60))));
            if (superblock.bits64(0x70) < 0 || superblock.bits64(0x70) > volume.size()) {
                return new Dirty("it is larger than its volume", seen);
            }
            return superblock.bits64(0x60) == 0
                    ? new Clean(Mark.COMMITTED, seen)
                    : new Dirty("it has a log tree to replay", seen);
        }

        private boolean checksumIsRight(int kind) {
            Bytes summed = superblock.part(0x20, LENGTH - 0x20);
            return kind == 0
                    ? superblock.u32(0) == Crc.castagnoli(summed)
                    : Arrays.equals(superblock.array(0, 32), sha256(summed));
        }

        private static byte[] sha256(Bytes bytes) {
            try {
                MessageDigest digest = MessageDigest.getInstance("SHA-256");
                digest.update(bytes.buffer(0, bytes.length()));
                return digest.digest();
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java platform has SHA-256", e);
            }
        }
    }
}
