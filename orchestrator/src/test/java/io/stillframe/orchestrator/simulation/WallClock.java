package io.stillframe.orchestrator.simulation;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** The clock on the wall, which goes with virtual time unless somebody sets it. */
final class WallClock extends Clock {
    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    private final Schedule schedule;
    private Duration back = Duration.ZERO;

    WallClock(Schedule schedule) {
        this.schedule = schedule;
    }

    void setBack(Duration by) {
        back = back.plus(by);
    }

    @Override
    public Instant instant() {
        return START.plusNanos(schedule.now()).minus(back);
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException();
    }
}
