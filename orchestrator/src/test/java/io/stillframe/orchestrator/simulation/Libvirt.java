package io.stillframe.orchestrator.simulation;

import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import java.time.Duration;

/** The daemon between Stillframe and the machine: it may be lost and come back, and does a machine's jobs in order. */
final class Libvirt {
    /** A command of a process that is dead is through libvirt by then, or never. */
    static final Duration AFTERWARDS = Duration.ofMillis(1500);

    /** Every call ends by then. */
    static final Duration CALL_LIMIT = Duration.ofSeconds(30);

    private final World world;
    private boolean up = true;
    private int started;
    private long jobsEnd;
    private long qemuIsBusyUntil;

    Libvirt(World world) {
        this.world = world;
    }

    boolean isUp() {
        return up;
    }

    /** Counts its starts: what it had not done when it was lost it will never do. */
    int started() {
        return started;
    }

    void lose() {
        up = false;
        started++;
        jobsEnd = qemuIsBusyUntil;
        world.tell("libvirt", "is lost");
        world.wakeAll();
    }

    void comeBack() {
        up = true;
        world.tell("libvirt", "is there");
    }

    void requireUp(String call) {
        if (!up) {
            world.schedule.current().pass(world.dice.about(2000));
            throw lost(call);
        }
    }

    /**
     * When a job that is begun now, and takes so long, will have ended: after those before it.
     *
     * @param told whether QEMU knows of it by now: then it does it before anything that a later libvirt asks for
     */
    long job(long nanos, boolean told) {
        jobsEnd = Math.max(jobsEnd, world.schedule.now()) + nanos;
        qemuIsBusyUntil = told ? jobsEnd : qemuIsBusyUntil;
        return jobsEnd;
    }

    static GuestException lost(String call) {
        return new GuestException(GuestFailure.CONNECTION_LOST, call + ": libvirt is lost");
    }
}
