package io.stillframe.db;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All records of one machine, and the rule by which they go: one that has ended before a moment, unless something that is
 * left needs it. In doubt it stays. What each snapshot needs for its removal and for a revert is this:
 *
 * <ul>
 *   <li>Its run, and every job that was about it: whether its removal was given up is told by that job alone.
 *   <li>The reverts that ended after it was taken: what they gave up may lie on its volumes. An earlier one too, that gave
 *       up the same: else that would be given up again which somebody took up in between.
 *   <li>Every name that the machine ever wrote under and that may still be one: files that lie on its volumes are looked for
 *       by these. Names that a removal has merged away are borne by several runs, of which the last one stays. A run that
 *       failed left nothing behind.
 *   <li>That something which was given up was taken up again: one run that says so.
 * </ul>
 *
 * <p>While a job is unfinished, nothing of its machine goes.
 *
 * @param volumes those of each run that has any, by the names that they bear now
 * @param taken when each snapshot was taken that has a record, whatever there is of it
 */
record History(List<Run> runs, Map<RunId, List<RunVolume>> volumes, Map<RunId, Instant> taken, List<Job> jobs) {
    private static final Comparator<Run> OLDEST_RUN_FIRST =
            Comparator.comparing(Run::startedAt).thenComparing(run -> run.id().value());
    private static final Comparator<Job> OLDEST_JOB_FIRST =
            Comparator.comparing(Job::startedAt).thenComparing(job -> job.id().value());

    /** Those of which something is left. */
    private static final Set<RunState> STAYED = EnumSet.of(RunState.COMPLETED, RunState.GIVEN_UP);

    /** What a run says that a snapshot may need. */
    private record Word(boolean takenUpAgain, String name) {}

    /** What goes of it. */
    Expired endedBefore(Instant limit) {
        if (!jobs.stream().allMatch(job -> job.state().isFinal())) {
            return Expired.NOTHING;
        }
        Set<Job> staying = jobsThatStay(limit);
        List<RunId> gone = jobs.stream()
                .filter(job -> !staying.contains(job))
                .sorted(OLDEST_JOB_FIRST)
                .map(Job::id)
                .toList();
        return new Expired(gone, runsThatGo(limit, staying));
    }

    private Set<Job> jobsThatStay(Instant limit) {
        Set<Job> staying = new HashSet<>();
        Set<String> givenUp = new HashSet<>();
        for (Job job : sorted(jobs, OLDEST_JOB_FIRST.reversed())) {
            Set<String> gaveUp = gaveUp(job).collect(Collectors.toSet());
            if (!isBefore(job.endedAt(), limit) || isNeeded(job) || !Collections.disjoint(gaveUp, givenUp)) {
                staying.add(job);
                givenUp.addAll(gaveUp);
            }
        }
        return staying;
    }

    private boolean isNeeded(Job job) {
        return taken.containsKey(job.snapshot())
                || (job.kind() == JobKind.REVERT
                        && taken.values().stream()
                                .anyMatch(at -> !at.isAfter(job.endedAt().orElse(Instant.MAX))));
    }

    private List<RunId> runsThatGo(Instant limit, Set<Job> jobsThatStay) {
        Set<RunId> subjects = jobsThatStay.stream().map(Job::snapshot).collect(Collectors.toSet());
        List<Job> reverts = jobsThatStay.stream()
                .filter(job -> job.kind() == JobKind.REVERT)
                .toList();
        Set<Word> said = new HashSet<>();
        List<RunId> going = new ArrayList<>();
        for (Run run : sorted(runs, OLDEST_RUN_FIRST.reversed())) {
            Set<Word> says = words(run, reverts);
            boolean goes = run.state().isFinal()
                    && isBefore(run.endedAt(), limit)
                    && !taken.containsKey(run.id())
                    && !subjects.contains(run.id())
                    && said.containsAll(says);
            if (goes) {
                going.add(run.id());
            } else {
                said.addAll(says);
            }
        }
        Collections.reverse(going);
        return going;
    }

    private Set<Word> words(Run run, List<Job> reverts) {
        Set<Word> words = new HashSet<>();
        for (RunVolume volume : volumes.getOrDefault(run.id(), List.of())) {
            if (STAYED.contains(run.state()) && !taken.isEmpty()) {
                words.add(new Word(false, volume.active()));
            }
            if (reverts.stream().anyMatch(revert -> isTakenUpAgain(volume.snapshot(), revert, run))) {
                words.add(new Word(true, volume.snapshot()));
            }
        }
        return words;
    }

    private static boolean isTakenUpAgain(String name, Job revert, Run run) {
        return isBefore(revert.endedAt(), run.startedAt()) && gaveUp(revert).anyMatch(name::equals);
    }

    /** A volume that stays in place is not given up. */
    private static Stream<String> gaveUp(Job job) {
        return job.kind() == JobKind.REVERT
                ? job.changes().stream()
                        .filter(change -> !change.from().equals(change.to()))
                        .map(JobChange::from)
                : Stream.empty();
    }

    private static boolean isBefore(Optional<Instant> end, Instant limit) {
        return end.filter(limit::isAfter).isPresent();
    }

    private static <T> List<T> sorted(List<T> records, Comparator<T> order) {
        return records.stream().sorted(order).toList();
    }
}
