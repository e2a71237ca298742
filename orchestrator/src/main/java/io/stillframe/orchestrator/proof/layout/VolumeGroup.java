package io.stillframe.orchestrator.proof.layout;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.stillframe.orchestrator.proof.image.Bytes;
import io.stillframe.orchestrator.proof.image.Crc;
import io.stillframe.orchestrator.proof.image.DiskImage;
import io.stillframe.orchestrator.proof.image.Unreadable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * LVM2 on a physical volume (lib/format_text/layout.h of LVM2): a label in one of the first four sectors, which tells the
 * physical volume's UUID and where its metadata is: a ring with a text in it.
 */
public final class VolumeGroup {
    private static final int SECTOR = 512;
    private static final int LABELS = 4;
    private static final int MOST_AREAS = 8;
    /** The text of some thousand logical volumes. */
    private static final int MOST_TEXT = 1024 * 1024;

    private VolumeGroup() {}

    /**
     * The logical volumes of the group that a physical volume belongs to; empty where it is none. A physical volume that
     * is in no group, or whose metadata is damaged, has none.
     */
    public static Optional<List<LogicalVolume>> read(DiskImage physical) {
        for (int sector = 0; sector < LABELS && physical.size() >= (sector + 1L) * SECTOR; sector++) {
            Bytes label = physical.bytes((long) sector * SECTOR, SECTOR);
            if (isLabel(label, sector)) {
                return Optional.of(volumes(physical, label));
            }
        }
        return Optional.empty();
    }

    private static boolean isLabel(Bytes label, int sector) {
        return label.holds(0, "LABELONE")
                && label.holds(24, "LVM2 001")
                && label.bits64(8) == sector
                && label.u32(16) == Crc.lvm(label.part(20, SECTOR - 20));
    }

    private static List<LogicalVolume> volumes(DiskImage physical, Bytes label) {
        for (Area area : metadataAreas(label)) {
            try {
                Optional<String> text = text(physical, area);
                if (text.isPresent()) {
                    return new LinearVolumes(physical, uuid(label)).of(MetadataText.parse(text.get()));
                }
            } catch (Unreadable e) {
                // the next copy may be whole; where none is, the volume is named as what it is
            }
        }
        return List.of();
    }

    /** Two lists of places, each ended by a zero: of data, then of metadata. */
    private static List<Area> metadataAreas(Bytes label) {
        List<Area> areas = new ArrayList<>();
        int at = header(label) + 40;
        int list = 0;
        while (list < 2 && areas.size() < MOST_AREAS && at <= SECTOR - 16) {
            Area area = new Area(label.bits64(at), label.bits64(at + 8));
            at += 16;
            if (area.offset() == 0) {
                list++;
            } else if (list == 1) {
                areas.add(area);
            }
        }
        return areas;
    }

    private static int header(Bytes label) {
        long at = label.u32(20);
        if (at > SECTOR - 56) {
            throw new Unreadable("the label of a physical volume is damaged");
        }
        return (int) at;
    }

    private static String uuid(Bytes label) {
        return new String(label.array(header(label), 32), US_ASCII);
    }

    private static Optional<String> text(DiskImage physical, Area area) {
        DiskImage ring = physical.part(area.offset(), area.size());
        Bytes header = ring.bytes(0, SECTOR);
        if (!header.holds(4, " LVM2 x[5A%r0N*>") || header.u32(0) != Crc.lvm(header.part(4, SECTOR - 4))) {
            throw new Unreadable("the metadata of a volume group is damaged");
        }
        long offset = header.u64(40);
        long size = header.u64(48);
        if (offset == 0 || size == 0) {
            return Optional.empty();
        }
        if (size > MOST_TEXT || offset < SECTOR || offset > ring.size() || size > ring.size() - SECTOR) {
            throw new Unreadable("the metadata of a volume group is beyond its bounds");
        }
        int before = (int) Math.min(size, ring.size() - offset);
        ByteBuffer joined = ByteBuffer.allocate((int) size);
        joined.put(ring.read(offset, before)).put(ring.read(SECTOR, (int) size - before));
        Bytes text = Bytes.of(joined.flip());
        if (header.u32(56) != Crc.lvm(text)) {
            throw new Unreadable("the metadata of a volume group is damaged");
        }
        return Optional.of(new String(text.array(0, (int) size), UTF_8));
    }

    private record Area(long offset, long size) {}
}
