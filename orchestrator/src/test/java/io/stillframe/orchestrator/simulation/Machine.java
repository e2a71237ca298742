package io.stillframe.orchestrator.simulation;

import io.stillframe.guest.DomainState;
import io.stillframe.guest.FakeGuest;
import java.time.Duration;
import java.util.List;

/** The machine and what is in it beside the agent: who paused it, and the switch that thaws it by itself. */
final class Machine {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long NEVER = Long.MAX_VALUE;

    private final World world;
    private final FakeGuest guest;
    private boolean pausedByUs;
    private int deaths;
    private int arming;
    private long switchDue = NEVER;

    Machine(World world, FakeGuest guest) {
        this.world = world;
        this.guest = guest.onArm(this::arm);
    }

    FakeGuest guest() {
        return guest;
    }

    /** Whether the guest stands still because of us. */
    boolean isHeld() {
        return guest.isFrozen() || pausedByUs;
    }

    boolean isPausedByUs() {
        return pausedByUs;
    }

    /** Whether it executes nothing, whoever wants it so. */
    boolean standsStill() {
        return guest.state() != DomainState.RUNNING;
    }

    /** How often its QEMU has ended: a job that was begun before has ended with it. */
    int deaths() {
        return deaths;
    }

    boolean isOff() {
        return guest.state() == DomainState.SHUT_OFF;
    }

    /** When the switch acts; never where it is not armed. */
    long switchDue() {
        return switchDue;
    }

    /** From now on what can be written to is written to. */
    void beginToWrite() {
        guest.writing();
    }

    void pause() {
        if (guest.state() == DomainState.RUNNING) {
            guest.in(DomainState.PAUSED);
            pausedByUs = true;
        }
    }

    void resume() {
        if (guest.state() == DomainState.PAUSED) {
            guest.in(DomainState.RUNNING);
            pausedByUs = false;
            world.agent.goOn();
        }
    }

    /** QEMU is killed. */
    void die() {
        world.tell("machine", "is off");
        guest.in(DomainState.SHUT_OFF);
        pausedByUs = false;
        deaths++;
        switchDue = NEVER;
        arming++;
        world.agent.powerOff();
    }

    /** Somebody starts it again. */
    void start() {
        if (isOff()) {
            world.tell("machine", "is started");
            guest.in(DomainState.RUNNING);
        }
    }

    /** A command was executed in the guest. */
    void executed(List<String> argv) {
        if (argv.contains("disarm")) {
            switchDue = NEVER;
            arming++;
        }
    }

    private void arm(long seconds) {
        int number = ++arming;
        switchDue = world.schedule.now() + seconds * SECOND;
        if (!world.without(Safeguard.SWITCH)) {
            world.schedule.after(seconds * SECOND, () -> fire(number));
        }
    }

    /** Again every second for as long as anything was frozen; time stands still in a machine that is paused. */
    private void fire(int number) {
        if (number != arming) {
            return;
        }
        if (guest.state() == DomainState.PAUSED) {
            world.schedule.after(SECOND, () -> fire(number));
            return;
        }
        boolean frozen = guest.isFrozen();
        guest.fireSwitch();
        switchDue = frozen ? switchDue : NEVER;
        if (frozen) {
            world.tell("switch", "thaws the guest");
            world.coverage.count("the switch thawed");
            world.schedule.after(SECOND, () -> fire(number));
        }
    }
}
