package io.stillframe.storage.lvm;

import io.stillframe.storage.exec.CommandException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A device of the device mapper; dmsetup(8). LVM's have UUIDs that begin with {@link LogicalVolume#mappedUuid}.
 *
 * @param suspended whether it holds back all reads and writes
 */
record MappedDevice(String name, String uuid, boolean suspended) {
    static final List<String> LIST =
            List.of("dmsetup", "info", "--columns", "--noheadings", "--separator", "/", "-o", "suspended,name,uuid");

    private static final Pattern LINE = Pattern.compile("\\s*(Active|Suspended)/([^/]+)/(.*)");

    /** Whether it is the layer that LVM puts below a volume while that has copy-on-write snapshots. */
    boolean isBelowSnapshots() {
        return uuid.endsWith("-real");
    }

    /**
     * Reads the list.
     *
     * @throws CommandException when it is no such list
     */
    static List<MappedDevice> parse(String list) {
        return list.lines()
                .filter(line -> !line.isBlank() && !line.strip().equals("No devices found"))
                .map(MappedDevice::line)
                .toList();
    }

    private static MappedDevice line(String line) {
        Matcher fields = LINE.matcher(line);
        if (!fields.matches()) {
            throw new CommandException("dmsetup printed something else than its list: " + line);
        }
        return new MappedDevice(
                fields.group(2), fields.group(3), fields.group(1).equals("Suspended"));
    }
}
