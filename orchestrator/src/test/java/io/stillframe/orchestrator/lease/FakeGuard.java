package io.stillframe.orchestrator.lease;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** A guard that only says what a test has it say. */
public final class FakeGuard implements Guard {
    private final List<Lease> watched = new CopyOnWriteArrayList<>();
    private Optional<String> refusal = Optional.empty();
    private Optional<Thaw> intervention = Optional.empty();
    private boolean covers = true;
    private boolean ended;
    private boolean slowToStart;
    private boolean silent;
    private Runnable lost = () -> {};

    /** There is no guard to be had. */
    public FakeGuard refusing(String reason) {
        refusal = Optional.of(reason);
        return this;
    }

    /** It was armed too long ago. */
    public FakeGuard late() {
        covers = false;
        return this;
    }

    /** It took too long to start, and is armed in time when it is asked again. */
    public FakeGuard slowToStart() {
        slowToStart = true;
        return this;
    }

    /** It does not tell what it did. */
    public FakeGuard silentAtItsEnd() {
        silent = true;
        return this;
    }

    /** It has acted. */
    public void intervened(Thaw thaw) {
        intervention = Optional.of(thaw);
    }

    /** It dies. */
    public void die() {
        covers = false;
        lost.run();
    }

    public List<Lease> watched() {
        return watched;
    }

    /** Whether the last guest was given back to its holder. */
    public boolean ended() {
        return ended;
    }

    @Override
    public void makeReady() {}

    @Override
    public Watch watch(Lease lease, Runnable onLoss) {
        refusal.ifPresent(reason -> {
            throw new GuardException(reason);
        });
        boolean late = slowToStart && watched.isEmpty();
        watched.add(lease);
        lost = onLoss;
        ended = false;
        return new Watch() {
            @Override
            public boolean covers(Duration hold) {
                return covers && !late;
            }

            @Override
            public Optional<Thaw> intervention() {
                return intervention;
            }

            @Override
            public Ended end() {
                ended = true;
                return silent ? Ended.unknown("no answer") : Ended.known(intervention);
            }
        };
    }
}
