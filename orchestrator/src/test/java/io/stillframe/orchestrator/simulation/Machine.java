package io.stillframe.orchestrator.simulation;

import io.stillframe.guest.DomainState;
import io.stillframe.guest.FakeGuest;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The machine and what is in it beside the agent: who paused it, the switch that thaws it by itself, and what ends the hold of
 * its applications by itself.
 */
final class Machine {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long NEVER = Long.MAX_VALUE;

    private final World world;
    private final FakeGuest guest;
    private boolean pausedByUs;
    private int deaths;
    private int arming;
    private long switchDue = NEVER;
    private final Map<String, Long> holdsDue = new HashMap<>();

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
        holdsDue.clear();
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
        int hooks = argv.indexOf("stillframe-hooks");
        if (hooks >= 0 && argv.get(hooks + 1).equals("hold")) {
            hold(argv.get(hooks + 2), Long.parseLong(argv.get(hooks + 3)));
        }
    }

    private void hold(String name, long seconds) {
        if (guest.applications().anyHeld(name)) {
            world.coverage.count("applications held");
            holdsDue.put(name, world.schedule.now() + seconds * SECOND);
            if (!world.without(Safeguard.HOLD)) {
                world.schedule.after(seconds * SECOND, () -> endHold(name));
            }
        }
    }

    /** Time stands still in a machine that is paused. */
    private void endHold(String name) {
        if (guest.state() == DomainState.PAUSED) {
            holdsDue.computeIfPresent(name, (of, due) -> world.schedule.now() + SECOND);
            world.schedule.after(SECOND, () -> endHold(name));
        } else if (guest.applications().anyHeld(name) && holdsDue.containsKey(name)) {
            world.tell("guest", "ends the hold of its applications");
            world.coverage.count("the guest ended a hold");
            guest.applications().deadlinePasses(name);
        }
    }

    /** Whether an application waits though its time is over by so much. */
    boolean holdsLongerThan(long nanos) {
        return holdsDue.entrySet().stream()
                .anyMatch(hold ->
                        guest.applications().anyHeld(hold.getKey()) && world.schedule.now() - hold.getValue() > nanos);
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
