package io.stillframe.config;

import java.util.Objects;
import java.util.Optional;

/**
 * Snapshots that are taken and removed without anybody asking.
 *
 * @param name its name for all time: what it took, and may remove, is known by it
 * @param keep what of its snapshots is kept; empty where all are
 * @param grouping whether its machines are taken at one instant
 */
public record Policy(
        String name, Select select, Timetable timetable, Optional<Keep> keep, Demands demands, Grouping grouping) {
    public Policy {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(select, "select");
        Objects.requireNonNull(timetable, "timetable");
        Objects.requireNonNull(keep, "keep");
        Objects.requireNonNull(demands, "demands");
        Objects.requireNonNull(grouping, "grouping");
    }
}
