package io.stillframe.storage.zfs;

import io.stillframe.storage.exec.CommandException;
import java.util.List;
import java.util.Set;

/**
 * How it is with a pool.
 *
 * @param full how much of it is taken, in percent
 */
record Pool(String name, int full, String health, boolean readOnly) {
    /** A degraded pool has lost redundancy, no data; every other state but ONLINE cannot be relied on to write. */
    private static final Set<String> WRITABLE = Set.of("ONLINE", "DEGRADED");

    static final String COLUMNS = "name,capacity,health,readonly";

    /** @throws CommandException when this is not what {@code zpool list -Hp} prints for one pool */
    static Pool parse(String output) {
        List<String> fields = List.of(output.strip().split("\t", -1));
        try {
            return new Pool(
                    fields.get(0),
                    Integer.parseInt(fields.get(1)),
                    fields.get(2),
                    fields.get(3).equals("on"));
        } catch (IndexOutOfBoundsException | NumberFormatException e) {
            throw new CommandException("not an answer of zpool list: '%s'".formatted(output.strip()), e);
        }
    }

    boolean writable() {
        return WRITABLE.contains(health) && !readOnly;
    }

    boolean degraded() {
        return health.equals("DEGRADED");
    }
}
