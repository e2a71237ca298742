package io.stillframe.orchestrator.proof.filesystem;

import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Clean;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Dirty;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Mark;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Value;
import io.stillframe.orchestrator.proof.image.Bytes;
import io.stillframe.orchestrator.proof.image.DiskImage;
import java.util.List;
import java.util.Optional;

/**
 * exFAT (Microsoft's "exFAT file system specification", 3.1.13 VolumeFlags): VolumeDirty is set before anything is written
 * and cleared when all of it is. No freeze of Linux clears it.
 */
final class ExFat implements Format {
    private static final int LENGTH = 512;
    private static final int DIRTY = 0x2;
    private static final int MEDIA_FAILURE = 0x4;

    @Override
    public Optional<Filesystem> find(DiskImage volume) {
        if (volume.size() < LENGTH) {
            return Optional.empty();
        }
        Bytes boot = volume.bytes(0, LENGTH);
        return boot.holds(3, "EXFAT   ") && boot.u16(510) == 0xaa55 ? Optional.of(new Found(boot)) : Optional.empty();
    }

    private record Found(Bytes boot) implements Filesystem {
        @Override
        public Content content() {
            return new Content(Kind.EXFAT, "%04X-%04X".formatted(boot.u16(102), boot.u16(100)), "");
        }

        @Override
        public FilesystemState examine() {
            int flags = boot.u16(106);
            List<Value> seen = List.of(Value.of("volume flags", "0x%x".formatted(flags)));
            if ((flags & MEDIA_FAILURE) != 0) {
                return new Dirty("its medium has failed", seen);
            }
            return (flags & DIRTY) != 0 ? new Dirty("it is in use", seen) : new Clean(Mark.AT_REST, seen);
        }
    }
}
