package io.stillframe.orchestrator.simulation;

import io.stillframe.guest.DomainState;
import io.stillframe.guest.FakeGuest;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The agent as a process in the guest: executes one command after the other, and may die, hang, or be started again. */
final class AgentDaemon {
    /** libvirt asks the agent whether it is there before each command, and waits so long for the answer. */
    private static final Duration PATIENCE_OF_LIBVIRT = Duration.ofSeconds(5);

    /**
     * Something the agent was told to do.
     *
     * @param whileFrozen whether it does that while it believes that it has frozen the guest
     * @param nanos how long it takes
     * @param execute makes the effect and returns what answers, for the end of that time
     * @param refuse answers that it was not done
     */
    record Command(
            String name,
            boolean whileFrozen,
            long nanos,
            Supplier<Runnable> execute,
            Consumer<GuestException> refuse) {}

    private final World world;
    private final FakeGuest guest;
    private final BooleanSupplier saysFrozen;
    private final Deque<Command> waiting = new ArrayDeque<>();
    private boolean up = true;
    private boolean hung;
    private long busyUntil;

    AgentDaemon(World world, FakeGuest guest, BooleanSupplier saysFrozen) {
        this.world = world;
        this.guest = guest;
        this.saysFrozen = saysFrozen;
    }

    /** Whether it would do what it is told. */
    boolean works() {
        return up && !hung;
    }

    /** What it believes of the guest. */
    boolean saysFrozen() {
        return guest.state() == DomainState.RUNNING && saysFrozen.getAsBoolean();
    }

    /** It is killed; what it had frozen stays so. */
    void die() {
        world.tell("agent", "dies");
        up = false;
        hung = false;
        waiting.clear();
    }

    /** It is there again, and believes of the guest what it believed before. */
    void start() {
        if (!up) {
            world.tell("agent", "is started");
        }
        up = true;
    }

    void hang() {
        world.tell("agent", "is stopped");
        hung = true;
    }

    /** It goes on with what it had been told. */
    void goOn() {
        if (hung) {
            world.tell("agent", "goes on");
        }
        hung = false;
        Deque<Command> commands = new ArrayDeque<>(waiting);
        waiting.clear();
        commands.forEach(this::receive);
    }

    /** The machine is off. */
    void powerOff() {
        waiting.clear();
        hung = false;
        up = true;
        busyUntil = 0;
    }

    /** A command has reached the guest. */
    void receive(Command command) {
        if (guest.state() != DomainState.RUNNING) {
            command.refuse().accept(new GuestException(GuestFailure.NOT_RUNNING, "the machine does not run"));
        } else if (!up) {
            command.refuse().accept(new GuestException(GuestFailure.AGENT_UNRESPONSIVE, "no agent is connected"));
        } else if (hung) {
            // stopped before libvirt asked whether it is there, or right after it had answered
            if (waiting.isEmpty() && world.dice.percent(40)) {
                waiting.add(command);
            }
        } else {
            long begins = Math.max(world.schedule.now(), busyUntil);
            if (begins - world.schedule.now() <= PATIENCE_OF_LIBVIRT.toNanos()) {
                busyUntil = begins + command.nanos();
                world.schedule.after(begins - world.schedule.now(), () -> begin(command));
            }
        }
    }

    private void begin(Command command) {
        if (hung || guest.state() == DomainState.PAUSED) {
            waiting.add(command);
        } else if (up && guest.state() == DomainState.RUNNING) {
            execute(command);
        }
    }

    private void execute(Command command) {
        world.tell("agent", "does " + command.name());
        if (!command.whileFrozen() && saysFrozen.getAsBoolean()) {
            command.refuse()
                    .accept(new GuestException(
                            GuestFailure.AGENT_COMMAND_FAILED, command.name() + " is not allowed while frozen"));
        } else {
            Runnable answer = command.execute().get();
            world.schedule.after(command.nanos(), () -> {
                if (up) {
                    answer.run();
                }
            });
        }
    }
}
