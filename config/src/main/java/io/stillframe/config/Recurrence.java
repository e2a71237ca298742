package io.stillframe.config;

import java.time.Duration;

/** When something comes again and again. */
public sealed interface Recurrence permits Cron, Recurrence.Every {
    /**
     * A period of time, whatever the clocks say: counted from 1970-01-01T00:00Z, so that it does not depend on when it was
     * written down.
     *
     * @param period 1 min to 7 d
     */
    record Every(Duration period) implements Recurrence {
        static final Range<Duration> PERIOD = new Range<>(Duration.ofMinutes(1), Duration.ofDays(7), Durations::print);

        public Every {
            PERIOD.require("period", period);
        }

        @Override
        public String toString() {
            return "every " + Durations.print(period);
        }
    }
}
