package io.stillframe.orchestrator.proof.layout;

import io.stillframe.orchestrator.proof.image.DiskImage;
import io.stillframe.orchestrator.proof.image.Extent;
import io.stillframe.orchestrator.proof.image.Joined;
import io.stillframe.orchestrator.proof.image.Label;
import io.stillframe.orchestrator.proof.image.Unreadable;
import io.stillframe.orchestrator.proof.layout.MetadataText.Section;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The logical volumes of a group, of which those are read that lie in plain pieces on one physical volume. */
record LinearVolumes(DiskImage physical, String uuid) {
    private static final int MOST_VOLUMES = 256;
    private static final int MOST_SEGMENTS = 1024;
    private static final long SECTOR = 512;

    /**
     * All that a guest can see of a group.
     *
     * @throws Unreadable when it is no description of a group
     */
    List<LogicalVolume> of(Section metadata) {
        Map.Entry<String, Section> group = metadata.values().entrySet().stream()
                .filter(entry -> entry.getValue() instanceof Section)
                .map(entry -> Map.entry(entry.getKey(), (Section) entry.getValue()))
                .findFirst()
                .orElseThrow(() -> new Unreadable("there is no volume group in the metadata"));
        Geometry geometry = Geometry.of(group.getValue(), uuid);
        Section volumes = group.getValue().section("logical_volumes").orElse(new Section(Map.of()));
        Set<String> covers = copyOnWriteStores(volumes);
        List<LogicalVolume> found = new ArrayList<>();
        volumes.values().forEach((name, value) -> {
            if (value instanceof Section volume
                    && volume.list("status").contains("VISIBLE")
                    && found.size() < MOST_VOLUMES) {
                found.add(volume(Label.of(group.getKey()), name, volume, geometry, covers));
            }
        });
        return found;
    }

    private LogicalVolume volume(String group, String name, Section volume, Geometry geometry, Set<String> covers) {
        try {
            if (covers.contains(name)) {
                throw new Unreadable("it is a snapshot");
            }
            Joined image = new Joined(physical, extents(volume, geometry));
            return new LogicalVolume(group, Label.of(name), Optional.of(image), "");
        } catch (Unreadable e) {
            return new LogicalVolume(group, Label.of(name), Optional.empty(), e.getMessage());
        }
    }

    private static List<Extent> extents(Section volume, Geometry geometry) {
        long count = volume.number("segment_count");
        if (count == 0 || count > MOST_SEGMENTS) {
            throw new Unreadable("it has %d segments".formatted(count));
        }
        List<Extent> extents = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            Section segment = volume.section("segment" + i).orElseThrow(() -> new Unreadable("it lacks a segment"));
            extents.add(extent(segment, geometry));
        }
        return extents;
    }

    private static Extent extent(Section segment, Geometry geometry) {
        String type = segment.text("type").orElse("unknown");
        List<?> stripes = segment.list("stripes");
        if (!type.equals("striped") || stripes.size() != 2 || segment.number("stripe_count") != 1) {
            throw new Unreadable("it is not linear but " + Label.of(type));
        }
        if (!geometry.name().equals(stripes.get(0))) {
            throw new Unreadable("a part of it is on another physical volume");
        }
        if (!(stripes.get(1) instanceof Long first) || first < 0) {
            throw new Unreadable("a segment begins nowhere");
        }
        return new Extent(
                geometry.bytes(segment.number("start_extent")),
                geometry.place(first),
                geometry.bytes(segment.number("extent_count")));
    }

    /** A snapshot's store is visible under the snapshot's name, and holds only what differs. */
    private static Set<String> copyOnWriteStores(Section volumes) {
        Set<String> stores = new HashSet<>();
        for (Object value : volumes.values().values()) {
            if (value instanceof Section volume) {
                volume.section("segment1")
                        .flatMap(segment -> segment.text("cow_store"))
                        .ifPresent(stores::add);
            }
        }
        return stores;
    }

    /**
     * Where a physical volume's extents are.
     *
     * @param name of the physical volume in this metadata
     * @param first its first extent, in bytes, as is an extent's size
     */
    private record Geometry(String name, long first, long extentSize) {
        static Geometry of(Section group, String uuid) {
            long extentSize = Extent.product(group.number("extent_size"), SECTOR);
            Section physicals = group.section("physical_volumes").orElse(new Section(Map.of()));
            for (Map.Entry<String, Object> entry : physicals.values().entrySet()) {
                if (entry.getValue() instanceof Section physical
                        && physical.text("id")
                                .filter(id -> id.replace("-", "").equals(uuid))
                                .isPresent()) {
                    return new Geometry(
                            entry.getKey(), Extent.product(physical.number("pe_start"), SECTOR), extentSize);
                }
            }
            throw new Unreadable("the metadata of a volume group does not know this physical volume");
        }

        /** Where an extent lies; beyond all sizes it is negative, and refused as such. */
        long place(long extent) {
            return first + bytes(extent);
        }

        long bytes(long extents) {
            return Extent.product(extents, extentSize);
        }
    }
}
