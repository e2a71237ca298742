package io.stillframe.orchestrator.simulation;

import java.util.List;

/**
 * What production has no answer to so far: a world leaves these out, so that others are found. {@code
 * -Dstillframe.unexcused=NAME,…} brings some back in, and with them the seeds that break a promise.
 */
enum Excused {
    /** A merge whose answer was lost ends while the next run looks at the disks: what was looked at first is no longer so. */
    DISKS_CHANGE_WHILE_EXAMINED,
    /** A pause that ended too early leaves the disks of a driver that is not atomic at several instants, and 'crash' claims one. */
    DISKS_OF_SEVERAL_INSTANTS,
    /** A run whose sentinel died ends as THAW_OVERDUE and starts no other one. */
    NOBODY_GOES_ON,
    /** Where libvirt is not reached a command ends as refused, though a lease says that a guest may be held. */
    UNREACHABLE_AND_HELD,
    /** A switch of a machine that is off may be under way when its overlays are removed: nothing waits for its end. */
    OFF_MACHINE_IS_NOT_SETTLED,
    /** After a thaw behind its back the agent says frozen until somebody thaws through it, and every run is refused. */
    AGENT_GOES_ON_SAYING_FROZEN,
    /** With a driver that is not atomic, recovery resumes a machine that was paused before the run began. */
    RECOVERY_RESUMES_WHAT_ITS_OPERATOR_PAUSED,
    /**
     * SNAPSHOTTED is in the journal though the answer was that it could not be written: the run is rolled back, its end is
     * refused as out of date, and a recovery completes it whose snapshot the merge has spoiled.
     */
    SNAPSHOTTED_THOUGH_THE_JOURNAL_FAILED,
    /**
     * An operator's thaw does not resume what a run has paused, and the sentinel that it leaves takes the place of the
     * run's lease, which says so: nobody resumes the machine any more.
     */
    OPERATOR_THAWS_WHAT_IS_PAUSED;

    private static final List<String> UNEXCUSED =
            List.of(System.getProperty("stillframe.unexcused", "").split(","));

    /** Whether it is left out. */
    boolean is() {
        return !UNEXCUSED.contains(name());
    }
}
