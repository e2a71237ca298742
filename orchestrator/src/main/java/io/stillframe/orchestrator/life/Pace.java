package io.stillframe.orchestrator.life;

import io.stillframe.storage.Meter;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * How long work is done.
 *
 * @param bytesPerSecond how fast at most data is moved; empty for no limit of ours
 * @param interrupted whether the operator has asked to end
 */
public record Pace(OptionalLong bytesPerSecond, Meters meters, BooleanSupplier interrupted) {
    /**
     * Does a piece of work until it ends or the operator asks to end: then the meter throws out of it, which to the work is
     * a death like any other.
     *
     * @throws JobStopped when it was interrupted
     */
    <T> T during(String what, Function<Meter, T> work) {
        stopIfInterrupted();
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
