package io.stillframe.db;

import java.time.Duration;

/**
 * A freeze that was attempted.
 *
 * @param filesystems how many filesystems the agent said it froze
 * @param window from before the freeze command was sent until the thaw was answered
 */
public record Freeze(int filesystems, Duration window) {}
