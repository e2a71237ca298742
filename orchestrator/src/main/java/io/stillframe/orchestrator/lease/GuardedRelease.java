package io.stillframe.orchestrator.lease;

import java.util.Optional;
import java.util.function.Supplier;

/** A release that leaves alone what the guard has released already: a guest is not thawed twice. */
public final class GuardedRelease implements Release {
    private final Release release;
    private final Supplier<Optional<Thaw>> intervention;

    /** @param intervention what the guard did, where it acted; asked before every release */
    public GuardedRelease(Release release, Supplier<Optional<Thaw>> intervention) {
        this.release = release;
        this.intervention = intervention;
    }

    @Override
    public Thaw run(Hold hold) {
        // a freeze that was not answered may come after everything that the guard did
        if (hold.unanswered().isPresent()) {
            return release.run(hold);
        }
        return intervention().orElseGet(() -> release.run(hold));
    }

    @Override
    public Frozenness look() {
        return release.look();
    }

    /** Believed only where the guest says so too: a freeze of ours may have come after it. */
    private Optional<Thaw> intervention() {
        try {
            return intervention
                    .get()
                    .filter(Thaw::confirmed)
                    .filter(thaw -> release.look().is() == Frozenness.Answer.FREE);
        } catch (RuntimeException e) {
            // whatever keeps the guard from answering must not keep the guest from its thaw
            return Optional.empty();
        }
    }
}
