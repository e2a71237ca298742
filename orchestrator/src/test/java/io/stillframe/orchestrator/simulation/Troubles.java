package io.stillframe.orchestrator.simulation;

import io.stillframe.db.RunState;
import io.stillframe.guest.DomainState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What goes wrong in a world, and when: all of it decided by its seed. */
final class Troubles {
    private static final Duration SHORTEST = Duration.ofMillis(20);
    private static final Duration LONGEST = Duration.ofSeconds(40);

    private final World world;
    private final Dice dice;
    private final List<Map.Entry<Trigger, Trouble>> coming = new ArrayList<>();
    private int faultsInThousand;
    private int orchestratorCalls;
    private int sentinelCalls;
    private Optional<RunState> state = Optional.empty();
    private int callsSinceState;
    private boolean interrupted;
    private boolean journalFull;
    private boolean journalReplyLost;

    Troubles(World world) {
        this.world = world;
        this.dice = world.dice;
        faultsInThousand = dice.oneOf(0, 0, 0, 10, 60);
        int count = dice.below(7);
        for (int i = 0; i < count; i++) {
            Trouble trouble = dice.percent(35)
                    ? dice.oneOf(Trouble.KILL_ORCHESTRATOR, Trouble.KILL_SENTINEL, Trouble.KILL_BOTH)
                    : dice.oneOf(Trouble.values());
            coming.add(Map.entry(Trigger.of(dice), trouble));
        }
    }

    /** A call begins or ends. */
    void point(SimulatedProcess process) {
        boolean ofSentinel = world.isSentinel(process);
        if (ofSentinel) {
            sentinelCalls++;
        } else {
            orchestratorCalls++;
            callsSinceState++;
        }
        for (int i = 0; i < coming.size(); i++) {
            if (isNow(coming.get(i).getKey(), ofSentinel)) {
                Map.Entry<Trigger, Trouble> now = coming.remove(i);
                begin(now.getValue(), now.getKey().delay());
                return;
            }
        }
    }

    /** A run has reached a state. */
    void reached(RunState now) {
        state = Optional.of(now);
        callsSinceState = 0;
    }

    /** From now on nothing goes wrong. */
    void end() {
        coming.clear();
        faultsInThousand = 0;
        interrupted = false;
        journalFull = false;
        journalReplyLost = false;
        world.machine.guest().applications().mend();
    }

    Optional<Fault> fault() {
        if (faultsInThousand == 0 || dice.below(1000) >= faultsInThousand) {
            return Optional.empty();
        }
        Fault fault = dice.oneOf(Fault.values());
        world.coverage.fault(fault);
        return Optional.of(fault);
    }

    boolean interrupted() {
        return interrupted;
    }

    boolean journalIsFull() {
        return journalFull;
    }

    /** Whether what is journaled now is, though the answer will be that it could not be. */
    Optional<Fault> journalFault() {
        boolean lost = journalReplyLost;
        journalReplyLost = false;
        return lost ? Optional.of(Fault.REPLY_LOST) : Optional.empty();
    }

    private boolean isNow(Trigger trigger, boolean ofSentinel) {
        if (trigger.ofSentinel() != ofSentinel) {
            return false;
        }
        if (ofSentinel) {
            return trigger.calls() == sentinelCalls;
        }
        return trigger.after().isEmpty()
                ? trigger.calls() == orchestratorCalls
                : trigger.after().equals(state) && trigger.calls() == callsSinceState;
    }

    private void begin(Trouble trouble, long delay) {
        if (delay == 0) {
            happen(trouble);
        } else {
            world.schedule.after(delay, () -> {
                if (!world.isHealthy()) {
                    happen(trouble);
                }
            });
        }
    }

    private void happen(Trouble trouble) {
        world.tell("trouble", trouble.toString());
        world.coverage.trouble(trouble);
        world.watch.disturbed(world.schedule.current());
        long lasts = dice.between(SHORTEST, LONGEST);
        switch (trouble) {
            case KILL_ORCHESTRATOR -> world.killOrchestrator();
            case KILL_SENTINEL -> world.killSentinels();
            case KILL_BOTH -> {
                world.killSentinels();
                world.killOrchestrator();
            }
            case STOP_ORCHESTRATOR -> world.orchestrator().ifPresent(process -> process.stop(lasts));
            case STOP_SENTINEL -> world.sentinels().forEach(process -> process.stop(lasts));
            case INTERRUPTED -> interrupted = true;
            case OPERATOR_THAWS -> operatorThaws();
            case CLOCK_SET_BACK -> world.clock.setBack(Duration.ofHours(1));
            default -> happenToOthers(trouble, lasts);
        }
    }

    /** Of a machine that its operator has paused nobody can say whether it is frozen: it is thawed for ever. */
    private void operatorThaws() {
        if (world.plan.state() != DomainState.PAUSED) {
            world.start(Command.THAW);
        }
    }

    private void happenToOthers(Trouble trouble, long lasts) {
        switch (trouble) {
            case AGENT_DIES -> forAWhile(lasts, world.agent::die, world.agent::start);
            case AGENT_DIES_FOR_GOOD -> world.agent.die();
            case AGENT_RESTARTS -> forAWhile(0, world.agent::die, world.agent::start);
            case AGENT_HANGS -> forAWhile(lasts, world.agent::hang, world.agent::goOn);
            case LIBVIRT_LOST -> forAWhile(lasts, world.libvirt::lose, world.libvirt::comeBack);
            case MACHINE_DIES -> world.machine.die();
            case MACHINE_RESTARTS -> forAWhile(lasts, world.machine::die, world.machine::start);
            case JOURNAL_FULL -> forAWhile(lasts, () -> journalFull = true, () -> journalFull = false);
            case JOURNAL_REPLY_LOST -> journalReplyLost = true;
            case STATE_DIRECTORY_FULL -> forAWhile(lasts, () -> world.disk.full(true), () -> world.disk.full(false));
            case THAWED_BEHIND_THE_AGENT -> world.machine.guest().thawBehindTheAgent();
            case APPLICATION_FAILS ->
                forAWhile(
                        lasts,
                        () -> world.machine.guest().applications().failing("mariadb"),
                        () -> world.machine.guest().applications().mend());
            case HOLD_LOST -> world.machine.guest().applications().lose("mariadb");
            case GUEST_BEGINS_TO_WRITE -> world.machine.beginToWrite();
            case CALLS_GO_WRONG -> {
                int before = faultsInThousand;
                forAWhile(lasts, () -> faultsInThousand = 300, () -> faultsInThousand = before);
            }
            default -> throw new IllegalArgumentException(trouble.toString());
        }
    }

    private void forAWhile(long nanos, Runnable begins, Runnable ends) {
        begins.run();
        world.schedule.after(nanos, () -> {
            if (!world.isHealthy()) {
                ends.run();
            }
        });
    }
}
