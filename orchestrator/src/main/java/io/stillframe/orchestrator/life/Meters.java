package io.stillframe.orchestrator.life;

import io.stillframe.storage.Meter;
import java.util.function.Function;

/** Shows how far work has come while it is done. */
public interface Meters {
    /** Shows nothing. */
    Meters NONE = new Meters() {
        @Override
        public <T> T during(String what, Function<Meter, T> work) {
            return work.apply(Meter.NONE);
        }
    };

    /**
     * Does a piece of work and shows its progress, until it ends in whatever way.
     *
     * @param what the piece, in a few words for people
     */
    <T> T during(String what, Function<Meter, T> work);
}
