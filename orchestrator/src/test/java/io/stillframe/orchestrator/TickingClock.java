package io.stillframe.orchestrator;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicInteger;

/** A clock that goes on by a millisecond with every look. */
public final class TickingClock extends Clock {
    public static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    private final AtomicInteger looks = new AtomicInteger();

    @Override
    public Instant instant() {
        return START.plusMillis(looks.getAndIncrement());
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
