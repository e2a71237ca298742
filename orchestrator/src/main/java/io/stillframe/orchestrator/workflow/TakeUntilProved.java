package io.stillframe.orchestrator.workflow;

import io.stillframe.config.OnDoubt;
import io.stillframe.db.Consistency;
import io.stillframe.db.Run;
import io.stillframe.db.RunError;
import io.stillframe.db.RunId;
import io.stillframe.db.RunState;
import io.stillframe.guest.Domain;
import io.stillframe.orchestrator.lease.Timing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Takes a snapshot, and takes it again where a doubt has cost the one before and {@link SnapshotOptions#onDoubt} says so. Each
 * attempt is a run of its own, with its own end and its own reason in the journal; nothing of one is left when the next begins.
 *
 * <p>For a policy there is nobody to look at an agent that does not answer, so that is a doubt as well; and where it keeps what
 * is in doubt, and not even the last attempt has made a snapshot, one is taken of which no more than {@code crash} is required.
 */
public final class TakeUntilProved {
    /** Before the second attempt; twice as long before each further one. */
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(2);

    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    /** An operator who asks to end waits no longer. */
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);

    /** The freeze or the applications did not hold, or the snapshot could not be proved. */
    private static final Set<String> DOUBTS =
            Set.of(ErrorCode.CONSISTENCY.name(), ErrorCode.FREEZE.name(), ErrorCode.HOOK.name());

    private final TakeSnapshot snapshot;
    private final Timing timing;
    private final BooleanSupplier interrupted;

    /** @param interrupted whether the operator has asked to end: then no further attempt is made */
    public TakeUntilProved(TakeSnapshot snapshot, Timing timing, BooleanSupplier interrupted) {
        this.snapshot = snapshot;
        this.timing = timing;
        this.interrupted = interrupted;
    }

    /**
     * Makes as many attempts as it takes and as may be made.
     *
     * @param ids a new one for each
     * @return all of them, the one that counts last
     */
    public List<Run> of(Domain domain, Supplier<RunId> ids, SnapshotOptions options) {
        return of(options, next -> snapshot.of(domain, ids.get(), next), run -> isDoubted(run, options));
    }

    /**
     * The same for whatever is taken as a whole.
     *
     * @param attempt takes all of it, by what is asked of this attempt
     * @param doubted whether nothing of it is left, and nothing but doubt was the reason
     */
    public <T> List<T> of(SnapshotOptions options, Function<SnapshotOptions, T> attempt, Predicate<T> doubted) {
        List<T> attempts = new ArrayList<>();
        Duration pause = FIRST_PAUSE;
        for (SnapshotOptions next : attempts(options)) {
            if (!attempts.isEmpty()) {
                if (!doubted.test(attempts.get(attempts.size() - 1)) || !waited(pause)) {
                    break;
                }
                pause = pause.compareTo(LONGEST_PAUSE.dividedBy(2)) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
            }
            attempts.add(attempt.apply(next));
        }
        return attempts;
    }

    /** What is asked of each: only the last one may be kept for what it is. */
    private static List<SnapshotOptions> attempts(SnapshotOptions options) {
        List<SnapshotOptions> attempts =
                new ArrayList<>(Collections.nCopies(options.onDoubt().retry(), options.onDoubt(OnDoubt.DISCARD)));
        attempts.add(options);
        if (options.policy().isPresent() && options.onDoubt().then() == OnDoubt.Then.KEEP_AS_CRASH) {
            attempts.add(options.requiring(Consistency.CRASH));
        }
        return attempts;
    }

    /** Whether nothing is left of a run, because of a doubt; in a group, of its own or of another's. */
    public static boolean isDoubted(Run run, SnapshotOptions options) {
        return (run.state() == RunState.FAILED || run.state() == RunState.ABANDONED)
                && run.result()
                        .error()
                        .map(RunError::code)
                        .filter(code -> DOUBTS.contains(code)
                                || (code.equals(ErrorCode.GROUP.name()) && options.grouped())
                                || (code.equals(ErrorCode.AGENT.name())
                                        && options.policy().isPresent()))
                        .isPresent();
    }

    /** False where the operator asked to end. */
    private boolean waited(Duration pause) {
        long start = timing.nanos();
        while (!interrupted.getAsBoolean() && timing.since(start).compareTo(pause) < 0) {
            timing.pause(BETWEEN_LOOKS);
        }
        return !interrupted.getAsBoolean();
    }
}
