package io.stillframe.orchestrator.proof.filesystem;

import io.stillframe.orchestrator.proof.image.DiskImage;
import java.util.Optional;

/** Members of a Linux RAID that have its superblock at their end, so that they look like what they hold (md versions 0.90, 1.0). */
enum MdRaid implements Format {
    AT_THE_END;

    private static final long MAGIC = 0xa92b4efcL;
    private static final long RESERVED = 64 * 1024;

    @Override
    public Optional<Filesystem> find(DiskImage volume) {
        long version0 = (volume.size() & -RESERVED) - RESERVED;
        long version1 = (volume.size() - 8192) & -4096;
        return is(volume, version0) || is(volume, version1)
                ? Optional.of(new Named(Content.of(Kind.MDRAID), "it is a member of a RAID"))
                : Optional.empty();
    }

    private static boolean is(DiskImage volume, long at) {
        return at > 0 && volume.bytes(at, 4).u32(0) == MAGIC;
    }
}
