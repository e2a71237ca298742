package io.stillframe.orchestrator.app;

import io.stillframe.orchestrator.cli.CommandFailed;
import io.stillframe.orchestrator.cli.DaemonSilent;
import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.orchestrator.workflow.ErrorCode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * How long to wait for another holder: not at all for one that has the same machine or never ends, nor after an
 * interruption. A daemon that is to begin waits for as long as a command takes.
 *
 * @param err is told, once, who is waited for
 */
record Patience(Timing timing, PrintStream err, BooleanSupplier interrupted) {
    /** A snapshot takes seconds; who waits longer should look at what holds it. */
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static final Duration BETWEEN_TRIES = Duration.ofMillis(50);

    /** What one holder at a time has. */
    interface Lock {
        /** Takes it, if it is free. */
        boolean take() throws IOException;

        /** Who has it; empty where that is not known. */
        Optional<Holder> holder() throws IOException;
    }

    /**
     * Takes a lock as soon as it is free.
     *
     * @param what it is of, for those who find it held
     * @throws CommandFailed when it is not waited for any longer
     */
    void take(Lock lock, Path what, Holder me) throws IOException {
        long start = timing.nanos();
        boolean told = false;
        while (!lock.take()) {
            Optional<Holder> other = lock.holder();
            Optional<String> why = endsBecause(start, me, other);
            if (why.isPresent()) {
                throw held(what, other.orElse(Holder.UNKNOWN), why.get());
            }
            if (!told && other.isPresent()) {
                err.println("waiting for " + other.get());
                told = true;
            }
            timing.pause(BETWEEN_TRIES);
        }
    }

    private Optional<String> endsBecause(long start, Holder me, Optional<Holder> other) {
        if (other.filter(Holder::isDaemon).isPresent()) {
            return Optional.of(
                    me.isDaemon() ? "there can be only one" : "it does so for as long as it runs, but does not answer");
        }
        if (other.filter(me::shares).isPresent()) {
            return Optional.of("it is busy with the same machine");
        }
        if (interrupted.getAsBoolean()) {
            return Optional.of("waiting for it was interrupted");
        }
        // a daemon that gave up would not be started again, and no policy would run any more
        return !me.isDaemon() && timing.since(start).compareTo(LIMIT) > 0
                ? Optional.of("it did not end within %d s".formatted(LIMIT.toSeconds()))
                : Optional.empty();
    }

    private static CommandFailed held(Path what, Holder holder, String why) {
        String message = "nothing was touched: %s holds %s, and %s".formatted(holder, what, why);
        return holder.isDaemon()
                ? new DaemonSilent(
                        message,
                        "end it ('systemctl stop stillframe', or kill %d), then try again".formatted(holder.pid()))
                : CommandFailed.refused(ErrorCode.HELD, message, "try again when it has ended");
    }
}
