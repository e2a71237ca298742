package io.stillframe.storage.lvm;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whose a volume is, as its tags say it; LVM keeps them with the volume, whatever becomes of our journal.
 *
 * @param kind what the volume is for
 * @param label the run, or what made it later
 * @param disk the disk's name within the domain
 */
record Mark(Kind kind, String label, String disk) {
    /** A volume of ours by this tag is being read: it must not be removed. */
    static final String OPEN = "stillframe.open";
    /** A volume of ours by this tag is not complete yet. */
    static final String MAKING = "stillframe.making";

    /** A machine is half-way back to the snapshot with this tag. */
    static final String REVERTING = "stillframe.reverting";
    /** What a volume was called before a revert took its name away. */
    static final String WAS = "stillframe.was=";

    /** What volumes of ours are for. */
    enum Kind {
        SNAPSHOT,
        CLONE,
        /** What a machine's volume becomes, or what it was, while it is reverted. */
        REVERT
    }

    /** Of a snapshot's volume, whose name is {@code LABEL.DISK}. */
    static Mark of(Kind kind, VolumeName volume, String disk) {
        String name = volume.volume();
        if (!name.endsWith("." + disk)) {
            throw new IllegalArgumentException("%s is no volume of ours for %s".formatted(volume, disk));
        }
        return new Mark(kind, name.substring(0, name.length() - disk.length() - 1), disk);
    }

    /** The arguments that mark a new volume. */
    List<String> arguments(String machine) {
        return Stream.concat(tags(), Stream.of("stillframe.vm=" + machine))
                .flatMap(tag -> Stream.of("--addtag", tag))
                .toList();
    }

    /** The arguments that take such marks from a volume which is the machine's own again. */
    static List<String> none(LogicalVolume volume) {
        return volume.tags().stream()
                .filter(tag -> tag.startsWith("stillframe"))
                .flatMap(tag -> Stream.of("--deltag", tag))
                .toList();
    }

    boolean isOn(LogicalVolume volume) {
        return volume.tags().containsAll(tags().toList());
    }

    /** The arguments with which LVM itself, under its lock, leaves alone what is not marked so; lvmreport(7). */
    List<String> only() {
        return List.of("--select", marked());
    }

    /** The same, which leave alone also what is the snapshot of something. */
    List<String> onlyWithoutOrigin() {
        return List.of("--select", marked() + " && origin=\"\"");
    }

    private String marked() {
        return tags().map(tag -> '"' + tag + '"').collect(Collectors.joining(" && ", "lv_tags={", "}"));
    }

    private Stream<String> tags() {
        return Stream.of(
                "stillframe",
                "stillframe.kind=" + kind.name().toLowerCase(Locale.ROOT),
                "stillframe.run=" + label,
                "stillframe.disk=" + disk);
    }
}
