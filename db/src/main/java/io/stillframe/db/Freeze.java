package io.stillframe.db;

import java.time.Duration;
import java.time.temporal.ChronoUnit;

/**
 * A freeze that was attempted.
 *
 * @param filesystems how many filesystems the agent said it froze
 * @param window from before the freeze command was sent until the thaw was answered, in whole microseconds
 */
public record Freeze(int filesystems, Duration window) {
    public Freeze {
        window = window.truncatedTo(ChronoUnit.MICROS);
    }
}
