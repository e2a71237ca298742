package io.stillframe.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What can be set, with a sound default for everything.
 *
 * @param connect the libvirt URI: {@code qemu:///system}
 * @param stateDir where journal and leases live; absolute
 * @param require the class below which a snapshot is not what was asked for
 * @param onDoubt what becomes of one that is below it all the same
 * @param hooks the applications that are told of a freeze
 * @param history how long the record of a run, or of work on a snapshot, outlives its end; 1 to 3650 days
 * @param policies by their names, in the order of the file
 */
public record Settings(
        String connect,
        Path stateDir,
        Requirement require,
        OnDoubt onDoubt,
        Hooks hooks,
        Limits limits,
        Space space,
        Duration history,
        Map<String, Policy> policies) {
    static final Range<Duration> HISTORY = new Range<>(Duration.ofDays(1), Duration.ofDays(3650), Durations::print);

    public static final Settings DEFAULT = new Settings(
            "qemu:///system",
            Path.of("/var/lib/stillframe"),
            Requirement.FILESYSTEM,
            OnDoubt.DISCARD,
            Hooks.DEFAULT,
            Limits.DEFAULT,
            Space.DEFAULT,
            Duration.ofDays(30),
            Map.of());

    public Settings {
        Objects.requireNonNull(connect, "connect");
        Objects.requireNonNull(stateDir, "stateDir");
        Objects.requireNonNull(require, "require");
        Objects.requireNonNull(onDoubt, "onDoubt");
        Objects.requireNonNull(hooks, "hooks");
        Objects.requireNonNull(limits, "limits");
        Objects.requireNonNull(space, "space");
        HISTORY.require("history", history);
        policies = Collections.unmodifiableMap(new LinkedHashMap<>(policies));
    }
}
