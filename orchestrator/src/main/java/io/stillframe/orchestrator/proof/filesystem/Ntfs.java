package io.stillframe.orchestrator.proof.filesystem;

import static java.nio.charset.StandardCharsets.UTF_16LE;

import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Clean;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Dirty;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Mark;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Value;
import io.stillframe.orchestrator.proof.image.Bytes;
import io.stillframe.orchestrator.proof.image.DiskImage;
import io.stillframe.orchestrator.proof.image.Label;
import io.stillframe.orchestrator.proof.image.Unreadable;
import java.util.List;
import java.util.Optional;

/**
 * NTFS (fs/ntfs3/ntfs.h of Linux): the fourth record of the master file table is {@code $Volume}, whose information holds
 * the dirty flag. Linux's ntfs3 sets it while mounted for writing. Windows sets it when the volume has to be checked and
 * replays its log otherwise, so that on its volumes a clear flag shows that no damage is known, and no more.
 */
final class Ntfs implements Format {
    private static final int LENGTH = 512;
    private static final int VOLUME_RECORD = 3;
    private static final int DIRTY = 0x1;

    @Override
    public Optional<Filesystem> find(DiskImage volume) {
        if (volume.size() < LENGTH) {
            return Optional.empty();
        }
        Bytes boot = volume.bytes(0, LENGTH);
        return boot.holds(3, "NTFS    ") && boot.u16(510) == 0xaa55
                ? Optional.of(Found.of(volume, boot))
                : Optional.empty();
    }

    private record Found(Bytes boot, Optional<NtfsRecord> record) implements Filesystem {
        static Found of(DiskImage volume, Bytes boot) {
            try {
                return new Found(boot, Optional.of(NtfsRecord.read(volume, at(boot, volume), recordSize(boot))));
            } catch (Unreadable e) {
                return new Found(boot, Optional.empty());
            }
        }

        @Override
        public Content content() {
            String name = record.flatMap(NtfsRecord::volumeName)
                    .map(bytes -> Label.of(bytes.array(0, bytes.length()), UTF_16LE))
                    .orElse("");
            return new Content(Kind.NTFS, "%016X".formatted(boot.bits64(72)), name);
        }

        @Override
        public FilesystemState examine() {
            Optional<Bytes> information = record.flatMap(NtfsRecord::volumeInformation);
            if (information.isEmpty()) {
                return new Dirty("its $Volume cannot be read", List.of());
            }
            int flags = information.get().u16(10);
            List<Value> seen = List.of(
                    Value.of(
                            "version",
                            information.get().u8(8) + "." + information.get().u8(9)),
                    Value.of("volume flags", "0x%x".formatted(flags)));
            return (flags & DIRTY) != 0 ? new Dirty("it is marked as dirty", seen) : new Clean(Mark.COMMITTED, seen);
        }

        private static long at(Bytes boot, DiskImage volume) {
            long cluster = clusterSize(boot);
            long table = boot.u64(48);
            if (table >= volume.size() / cluster) {
                throw new Unreadable("its file table is beyond its end");
            }
            return table * cluster + (long) VOLUME_RECORD * recordSize(boot);
        }

        private static long clusterSize(Bytes boot) {
            int sector = boot.u16(11);
            int raw = boot.u8(13);
            long sectors = raw <= 128 ? raw : 1L << Math.min(16, 256 - raw);
            if (sector < 256 || sector > 4096 || sectors == 0) {
                throw new Unreadable("its clusters have no size");
            }
            return sector * sectors;
        }

        /** A number of clusters, or a power of two where it is negative. */
        private static int recordSize(Bytes boot) {
            int raw = (byte) boot.u8(64);
            long size = raw > 0 ? raw * clusterSize(boot) : 1L << Math.min(30, -raw);
            if (size < 512 || size > 65536 || Long.bitCount(size) != 1) {
                throw new Unreadable("its file records have no size");
            }
            return (int) size;
        }
    }
}
