package io.stillframe.orchestrator.workflow;

import io.stillframe.db.Evidence;
import io.stillframe.db.Freeze;
import io.stillframe.db.Intent;
import io.stillframe.db.Run;
import io.stillframe.db.RunResult;
import io.stillframe.orchestrator.lease.Intervention;
import io.stillframe.orchestrator.lease.Thaw;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A run whose own process ended, as it is known by its journal, its storage and its guest.
 *
 * @param run as the journal had it
 * @param intent what it was going to do; empty where it had not come to that, and nothing was made
 * @param journaled the evidence that it had journaled
 * @param thaw what released its guest; empty where it was not held
 * @param intervention what a sentinel did for its guest; only then it is known how long the guest was held
 * @param goesOn leaves its guest to a sentinel, and says who goes on
 */
record CutShort(
        Run run,
        Optional<Intent> intent,
        List<Evidence> journaled,
        VolumeSet volumes,
        Optional<Thaw> thaw,
        Optional<Intervention> intervention,
        Supplier<String> goesOn)
        implements Attempt {
    private static final Optional<String> UNKNOWN_HOLD =
            Optional.of("the run was cut short, so for how long the guest was held is not known");

    @Override
    public String name() {
        return run.vmName();
    }

    @Override
    public List<String> discard() {
        return volumes.discard();
    }

    @Override
    public String goOn() {
        return goesOn.get();
    }

    void requireReleased() {
        thaw.filter(unconfirmed -> !unconfirmed.confirmed()).ifPresent(unconfirmed -> {
            throw overdue(unconfirmed).failure();
        });
    }

    /** What is known of snapshots that were there when the run was cut short; nothing is claimed so far. */
    Ending released() {
        return ending(verdict(intent.orElseThrow()).unproved());
    }

    /** The same, with what is known by now. */
    CutShort with(Run now, List<Evidence> evidence) {
        return new CutShort(now, intent, evidence, volumes, thaw, intervention, goesOn);
    }

    /** What the evidence that is journaled since the release amounts to. */
    Verdict journaledVerdict() {
        return intent.orElseThrow().filesystems().isPresent()
                ? Verdict.ofFrozen(journaled)
                : Verdict.withoutFreeze(journaled);
    }

    /** The end that this allows. */
    Ending ending(Verdict verdict) {
        return new Ending(
                new RunResult(Optional.of(verdict.consistency()), freeze(), Optional.empty()), verdict.evidence());
    }

    @Override
    public Ending failed(Problem problem) {
        List<Evidence> evidence = new ArrayList<>(journaled);
        sentinel().ifPresent(evidence::add);
        return new Ending(new RunResult(Optional.empty(), freeze(), Optional.of(Ending.error(problem))), evidence);
    }

    private Verdict verdict(Intent intended) {
        if (intended.filesystems().isEmpty() || thaw.isEmpty()) {
            return Verdict.withoutFreeze(intended.evidence());
        }
        Verdict.Freezing freezing = new Verdict.Freezing(
                intended.filesystems().getAsInt(), run.frozen().orElse(0), intended.freezeLimit(), ended());
        return Verdict.of(freezing, thaw.get(), intended.evidence(), ApplicationHold.cutShort(intended.evidence()));
    }

    private Optional<String> ended() {
        return intervention
                .map(Intervention::because)
                .map(cause -> switch (cause) {
                    case HOLDER_GONE -> Optional.<String>empty();
                    case DEADLINE -> Optional.of("the sentinel ended the freeze at its deadline");
                    case RECOVERY -> UNKNOWN_HOLD;
                })
                .orElse(UNKNOWN_HOLD);
    }

    private Optional<Evidence> sentinel() {
        return intervention.map(done -> new Evidence(
                "released-by",
                false,
                "%s: %s".formatted(done.because(), done.thaw().how())));
    }

    /** Only a sentinel saw both ends of the hold. */
    private Optional<Freeze> freeze() {
        return run.result()
                .freeze()
                .or(() -> intervention
                        .filter(done -> run.frozen().isPresent())
                        .map(done ->
                                new Freeze(run.frozen().getAsInt(), done.thaw().window())));
    }
}
