package io.stillframe.storage.zfs;

import io.stillframe.storage.exec.CommandException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Properties of one dataset or snapshot, as {@code zfs get -Hp -o property,value,source} prints them. */
final class Properties {
    private record Setting(String value, String source) {}

    private final Map<String, Setting> settings = new HashMap<>();

    private Properties() {}

    /** @throws CommandException when this is not what {@code zfs get} prints */
    static Properties parse(String output) {
        Properties properties = new Properties();
        output.lines().forEach(line -> {
            List<String> fields = List.of(line.split("\t", -1));
            if (fields.size() != 3) {
                throw new CommandException("not an answer of zfs get: '%s'".formatted(line));
            }
            properties.settings.put(fields.get(0), new Setting(fields.get(1), fields.get(2)));
        });
        return properties;
    }

    /** @throws CommandException when it was not told */
    String value(String property) {
        return setting(property).value();
    }

    /**
     * A number; where it has none ({@code -}, {@code none}) it is 0.
     *
     * @throws CommandException when it was not told, or is no number
     */
    long number(String property) {
        String value = value(property);
        if (value.equals("-") || value.equals("none")) {
            return 0;
        }
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new CommandException("zfs says %s of %s".formatted(value, property), e);
        }
    }

    /**
     * Whether the thing itself was given this value. A user property is handed down to all children and snapshots of what it
     * was set on, so an inherited one marks nothing.
     */
    boolean marked(String property, String value) {
        return setting(property).equals(new Setting(value, "local"));
    }

    /**
     * The same of a snapshot, which may have been sent to another pool with its properties: they are received then, and were
     * local where they were set.
     */
    boolean kept(String property, String value) {
        return marked(property, value) || setting(property).equals(new Setting(value, "received"));
    }

    private Setting setting(String property) {
        Setting setting = settings.get(property);
        if (setting == null) {
            throw new CommandException("zfs does not tell %s".formatted(property));
        }
        return setting;
    }
}
