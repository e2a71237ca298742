package io.stillframe.orchestrator.life;

import io.stillframe.storage.Meter;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * How long work is done, and who waits for it.
 *
 * @param bytesPerSecond how fast at most data is moved; empty for no limit of ours
 * @param interrupted whether the operator has asked to end
 * @param letOthers lets others work with other machines from now on, for as long as it may take
 */
public record Pace(OptionalLong bytesPerSecond, Meters meters, BooleanSupplier interrupted, Runnable letOthers) {
    /** One for which all others wait. */
    public Pace(OptionalLong bytesPerSecond, Meters meters, BooleanSupplier interrupted) {
        this(bytesPerSecond, meters, interrupted, () -> {});
    }

    /**
     * Does a piece of work of a job that is in the journal until it ends or the operator asks to end: then the meter throws
     * out of it, which to the work is a death like any other.
     *
     * @throws JobStopped when it was interrupted
     */
    <T> T during(String what, Function<Meter, T> work) {
        stopIfInterrupted();
        letOthers.run();
        return meters.during(
                what,
                meter -> work.apply((done, total) -> {
                    if (interrupted.getAsBoolean()) {
                        throw JobStopped.interrupted().midway();
                    }
                    meter.at(done, total);
                }));
    }

    private void stopIfInterrupted() {
        if (interrupted.getAsBoolean()) {
            throw JobStopped.interrupted();
        }
    }
}
