package io.stillframe.orchestrator.simulation;

import java.util.List;

/**
 * What production has no answer to so far: a world leaves these out, so that others are found. {@code
 * -Dstillframe.unexcused=NAME,…} brings some back in, and with them the seeds that break a promise.
 */
enum Excused {
    /** A merge whose answer was lost ends while the next run looks at the disks: what was looked at first is no longer so. */
    DISKS_CHANGE_WHILE_EXAMINED,
    /** Where libvirt is not reached a command ends as refused, though a lease says that a guest may be held. */
    UNREACHABLE_AND_HELD,
    /** A switch of a machine that is off may be under way when its overlays are removed: nothing waits for its end. */
    OFF_MACHINE_IS_NOT_SETTLED,
    /** After a thaw behind its back the agent says frozen until somebody thaws through it, and every run is refused. */
    AGENT_GOES_ON_SAYING_FROZEN;

    private static final List<String> UNEXCUSED =
            List.of(System.getProperty("stillframe.unexcused", "").split(","));

    /** Whether it is left out. */
    boolean is() {
        return !UNEXCUSED.contains(name());
    }
}
