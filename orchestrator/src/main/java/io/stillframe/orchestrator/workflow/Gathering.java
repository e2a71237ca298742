package io.stillframe.orchestrator.workflow;

import io.stillframe.db.GroupRule;
import io.stillframe.db.Journal;
import io.stillframe.db.JournalException;
import io.stillframe.db.OneInstant;
import io.stillframe.db.RunGroup;
import io.stillframe.orchestrator.lease.Timing;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the runs of a group wait for each other. It comes to one of two ends: all have come through, and that is journaled
 * as their proof; or it breaks up, for whatever reason comes first, and from then on nobody waits for anybody.
 */
final class Gathering implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Gathering.class);

    /** Where they wait, in this order. */
    enum Point {
        /** What takes its time has been done. */
        PREPARED,
        /** The applications of every machine hold, where any are told: next come the safeguards. */
        TOLD,
        /** Every safeguard is armed, every intent on the disk: next comes the hold. */
        READY,
        /** Every machine stands still: next each is taken. */
        HELD,
        /** Every machine is taken: next each is released. */
        TAKEN,
        /** Every machine is released, and each run proved what was asked of it. */
        PROVED
    }

    private final RunGroup planned;
    private final List<String> vms;
    private final Journal journal;
    private final Timing.Worker deadlines;
    private final Map<Point, Set<String>> there = new EnumMap<>(Point.class);
    private final Map<Point, CompletableFuture<Void>> met = new EnumMap<>(Point.class);
    private final Map<String, Stand> stands = new LinkedHashMap<>();
    private Optional<String> broken = Optional.empty();
    private Optional<OneInstant> proof = Optional.empty();
    private Optional<JournalException> unsure = Optional.empty();

    /** @param vms the machines' names, one for each member */
    Gathering(RunGroup planned, List<String> vms, Journal journal, Timing timing) {
        this.planned = planned;
        this.vms = List.copyOf(vms);
        this.journal = journal;
        this.deadlines = timing.worker("group");
        for (Point point : Point.values()) {
            there.put(point, new LinkedHashSet<>());
            met.put(point, new CompletableFuture<>());
        }
    }

    /** Waits until all are there, it breaks up, or the patience is at its end, which breaks it up. */
    void await(Point point, String vm, Duration patience) {
        Runnable cancel = deadlines.after(patience, () -> giveUp(point, vm, patience));
        try {
            arrive(point, vm);
            met.get(point).join();
        } finally {
            cancel.run();
        }
    }

    /** How a member's machine stood still: the last thing that it tells before {@link Point#PROVED}. */
    synchronized void stood(String vm, Stand stand) {
        stands.put(vm, stand);
    }

    /** There is going to be no group: the first reason is the one. Once there is a proof, or may be, nothing changes that. */
    synchronized void breakUp(String reason) {
        if (broken.isEmpty() && proof.isEmpty() && unsure.isEmpty()) {
            broken = Optional.of(reason);
            met.values().forEach(point -> point.complete(null));
        }
    }

    /** Why there is no group; empty as long as there may be one. */
    synchronized Optional<String> broken() {
        return broken;
    }

    /**
     * That there is a group.
     *
     * @throws JournalException when nobody knows whether it is journaled
     */
    synchronized Optional<OneInstant> proof() {
        unsure.ifPresent(failure -> {
            throw failure;
        });
        return proof;
    }

    GroupRule rule() {
        return planned.rule();
    }

    /** The machines beside this one. */
    String others(String vm) {
        return named(vms.stream().filter(other -> !other.equals(vm)).toList());
    }

    private synchronized void arrive(Point point, String vm) {
        there.get(point).add(vm);
        if (there.get(point).size() == vms.size() && broken.isEmpty()) {
            if (point == Point.PROVED) {
                prove();
            }
            met.get(point).complete(null);
        }
    }

    /** From here on a later process finishes every member; before, it takes back every one. */
    private void prove() {
        Optional<OneInstant> together =
                stands.size() == vms.size() ? Stand.together(stands.values()) : Optional.empty();
        if (together.isEmpty()) {
            breakUp("its machines did not stand still together");
            return;
        }
        try {
            proof = journal.prove(planned, together.get()).proof();
        } catch (JournalException e) {
            LOG.warn("whether group {} is proved is not known", planned.id().value(), e);
            settle(e);
        }
    }

    /** It may be in the journal though the answer was a failure. */
    private void settle(JournalException failure) {
        try {
            proof = journal.groupOf(planned.members().get(0)).flatMap(RunGroup::proof);
            if (proof.isEmpty()) {
                breakUp("it could not be journaled: " + failure.getMessage());
            }
        } catch (JournalException e) {
            unsure = Optional.of(failure);
        }
    }

    /** All may have come while the deadline came, too. */
    private synchronized void giveUp(Point point, String waiting, Duration patience) {
        if (!met.get(point).isDone()) {
            List<String> missing =
                    vms.stream().filter(vm -> !there.get(point).contains(vm)).toList();
            breakUp("%s not %s within the %d ms that vm '%s' could wait"
                    .formatted(named(missing), point.name().toLowerCase(Locale.ROOT), patience.toMillis(), waiting));
        }
    }

    private static String named(List<String> vms) {
        return vms.stream().map("vm '%s'"::formatted).collect(Collectors.joining(", "));
    }

    @Override
    public void close() {
        deadlines.close();
    }
}
