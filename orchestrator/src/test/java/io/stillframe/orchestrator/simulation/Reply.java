package io.stillframe.orchestrator.simulation;

import io.stillframe.guest.GuestException;
import java.util.Optional;
import java.util.function.Supplier;

/** An answer that somebody waits for. */
final class Reply<T> {
    private final SimulatedProcess asker;
    private Optional<T> value = Optional.empty();
    private Optional<GuestException> failure = Optional.empty();

    Reply(SimulatedProcess asker) {
        this.asker = asker;
    }

    SimulatedProcess asker() {
        return asker;
    }

    boolean isThere() {
        return value.isPresent() || failure.isPresent();
    }

    /** Makes the effect now and returns what answers with that which came of it. */
    Runnable to(Supplier<T> effect) {
        try {
            T done = effect.get();
            return () -> {
                value = Optional.of(done);
                asker.wakeUp();
            };
        } catch (GuestException e) {
            return () -> fail(e);
        }
    }

    void fail(GuestException e) {
        failure = Optional.of(e);
        asker.wakeUp();
    }

    T get() {
        failure.ifPresent(e -> {
            throw e;
        });
        return value.orElseThrow();
    }
}
