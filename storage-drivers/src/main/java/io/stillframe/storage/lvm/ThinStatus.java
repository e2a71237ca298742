package io.stillframe.storage.lvm;

import io.stillframe.storage.exec.CommandException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code dmsetup status} of thin pools: {@code NAME: BEGIN LENGTH thin-pool TRANSACTION ...}. */
final class ThinStatus {
    static final List<String> LIST = List.of("dmsetup", "status", "--target", "thin-pool");

    private static final Pattern LINE = Pattern.compile("(\\S+): \\d+ \\d+ thin-pool (?:(\\d+) .*|Fail|Error)");

    private ThinStatus() {}

    /**
     * The transaction of each, by its name.
     *
     * @throws CommandException when it is no such list
     */
    static Map<String, OptionalLong> parse(String status) {
        Map<String, OptionalLong> transactions = new HashMap<>();
        status.lines()
                .filter(line -> !line.isBlank() && !line.strip().equals("No devices found"))
                .forEach(line -> {
                    Matcher fields = LINE.matcher(line.strip());
                    if (!fields.matches()) {
                        throw new CommandException("dmsetup printed something else than a thin pool's status: " + line);
                    }
                    transactions.put(
                            fields.group(1),
                            fields.group(2) == null
                                    ? OptionalLong.empty()
                                    : OptionalLong.of(Long.parseLong(fields.group(2))));
                });
        return transactions;
    }
}
