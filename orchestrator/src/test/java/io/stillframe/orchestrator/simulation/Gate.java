package io.stillframe.orchestrator.simulation;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What every call goes through that has an effect outside its process: it is told in the story, it takes its time, and
 * trouble begins before or after it. For a process that is dead nothing gets through.
 */
final class Gate {
    private static final Duration SLOWEST = Duration.ofSeconds(25);

    private final World world;

    Gate(World world) {
        this.world = world;
    }

    /** Who calls. */
    SimulatedProcess process() {
        return world.schedule.current();
    }

    void requireAlive() {
        process().requireAlive();
    }

    /** A call of no port's, which does not go wrong. */
    <T> T call(String name, Supplier<T> effect) {
        enter(name);
        process().pass(world.dice.about(200));
        T result = effect.get();
        leave();
        return result;
    }

    /** Before an effect. */
    void enter(String name) {
        SimulatedProcess process = process();
        process.requireAlive();
        world.tell(process.name, name);
        world.troubles.point(process);
        process.goOn();
    }

    /** After an effect. */
    void leave() {
        SimulatedProcess process = process();
        world.troubles.point(process);
        process.goOn();
    }

    /** How the call that comes now goes wrong, if it does. */
    Optional<Fault> fault() {
        Optional<Fault> fault = world.troubles.fault();
        fault.ifPresent(kind -> {
            world.tell(process().name, "  goes wrong: " + kind);
            world.watch.disturbed(process());
        });
        return fault;
    }

    /** How long a call takes that takes so many microseconds when nothing is wrong. */
    long duration(long micros, Optional<Fault> fault) {
        boolean slow =
                fault.filter(kind -> kind == Fault.SLOW || kind == Fault.LATE).isPresent();
        return slow ? world.dice.between(Duration.ofMillis(100), SLOWEST) : world.dice.about(micros);
    }
}
