package io.stillframe.orchestrator.model;

import static io.stillframe.db.RunState.ABANDONED;
import static io.stillframe.db.RunState.COMPLETED;
import static io.stillframe.db.RunState.FAILED;
import static io.stillframe.db.RunState.FROZEN;
import static io.stillframe.db.RunState.GIVEN_UP;
import static io.stillframe.db.RunState.PREPARED;
import static io.stillframe.db.RunState.QUARANTINED;
import static io.stillframe.db.RunState.QUIESCED;
import static io.stillframe.db.RunState.RELEASED;
import static io.stillframe.db.RunState.SNAPSHOTTED;
import static io.stillframe.db.RunState.THAW_OVERDUE;

import io.stillframe.db.RunState;
import io.stillframe.orchestrator.model.Move.By;
import io.stillframe.orchestrator.model.Situation.Guest;
import io.stillframe.orchestrator.model.Situation.Holder;
import io.stillframe.orchestrator.model.Situation.Lease;
import io.stillframe.orchestrator.model.Situation.Sentinel;
import io.stillframe.orchestrator.model.Situation.Snapshot;
import io.stillframe.orchestrator.model.Situation.Switch;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** What the process may do that takes the snapshot, or the one that recovers its run. */
record RunMoves(Tables tables, Set<Rule> rules) {
    private static final Set<RunState> ENDS = EnumSet.of(FAILED, ABANDONED, QUARANTINED, THAW_OVERDUE);

    /** A step is decided on, then its effect is made, then it is journaled. */
    void step(Situation from, Moves moves) {
        if (from.doing.isEmpty()) {
            Set<RunState> choices = choices(from);
            choices.forEach(to -> moves.add("decides on " + to, By.HOLDER, next -> decide(next, to)));
            if (from.isSettled() || from.run == THAW_OVERDUE || choices.isEmpty()) {
                moves.add("ends", By.HOLDER, Situation::endHolder);
            }
            return;
        }
        RunState to = from.doing.get();
        if (from.done) {
            moves.add("journals " + to, By.HOLDER, RunMoves::journal);
        } else if (to == QUIESCED && from.run == PREPARED && rules.contains(Rule.BARRIER)) {
            // nothing is to be frozen, so no other state comes before the pause
            moves.add("forces " + to, By.HOLDER, next -> next.run = to);
        } else {
            effect(from, to, moves);
        }
        moves.add("fails in " + to, By.BREAK, RunMoves::giveUp);
    }

    private Set<RunState> choices(Situation from) {
        Set<RunState> choices = EnumSet.noneOf(RunState.class);
        boolean running = from.holder == Holder.RUNNING;
        tables.after().apply(from.run).stream()
                .filter(to -> running ? from.run != THAW_OVERDUE : isRecovery(from, to))
                .filter(to -> !from.failed || ENDS.contains(to))
                .filter(to -> to != GIVEN_UP && isAllowed(from, to))
                .forEach(choices::add);
        return choices;
    }

    private boolean isRecovery(Situation from, RunState to) {
        return switch (tables.action().apply(from.run)) {
            case ABANDON -> to == ABANDONED || to == QUARANTINED;
            case ROLL_BACK -> to == FAILED || to == QUARANTINED || to == THAW_OVERDUE;
            case RELEASE_AGAIN -> to == QUARANTINED || to == (from.recorded ? RELEASED : FAILED);
            case RESUME -> true;
            case LEAVE, NONE -> false;
        };
    }

    /** What is done only under a condition, which is looked at when the step is decided on. */
    private boolean isAllowed(Situation from, RunState to) {
        boolean holds = to == FROZEN || to == QUIESCED;
        if (holds && !from.owed && rules.contains(Rule.SENTINEL_FIRST)) {
            // while its deadline is ahead, so is the switch's
            return from.sentinel == Sentinel.ARMED && from.guestSwitch != Switch.FIRED;
        }
        if (to == COMPLETED && rules.contains(Rule.IMAGES_ARE_VERIFIED)) {
            return from.snapshot != Snapshot.NONE;
        }
        return to != THAW_OVERDUE || (owes(from) && !from.releasable());
    }

    /** A run's own process knows whether it held the guest; a later one goes by the lease and by the table. */
    private boolean owes(Situation from) {
        return from.holder == Holder.RUNNING
                ? from.owed
                : from.lease == Lease.NONE
                        && tables.mayBeHeld().test(from.run)
                        && rules.contains(Rule.RECOVERY_RELEASES);
    }

    private void effect(Situation from, RunState to, Moves moves) {
        switch (to) {
            case PREPARED -> moves.add("arms", By.HOLDER, RunMoves::arm);
            case FROZEN -> freeze(from, moves);
            case QUIESCED -> pause(from, moves);
            case SNAPSHOTTED -> moves.add("takes the snapshot", By.HOLDER, RunMoves::snapshot);
            case RELEASED, QUARANTINED -> release(from, "releases", next -> {}, moves);
            case FAILED, ABANDONED ->
                release(from, "releases and rolls back", next -> next.snapshot = Snapshot.NONE, moves);
            default -> moves.add("has nothing to do", By.HOLDER, next -> next.done = true);
        }
    }

    /** Nothing is held any more that was let go once: without this a freeze would come after everybody's release. */
    private static void freeze(Situation from, Moves moves) {
        if (from.letGo || !from.libvirt || !from.on || !from.agent) {
            moves.add("cannot freeze", By.HOLDER, RunMoves::giveUp);
            return;
        }
        moves.add("freezes", By.HOLDER, next -> {
            next.guest = Guest.FROZEN;
            next.answered = true;
            hold(next);
        });
        // where crash will do a run goes on without the answer
        moves.add("sends the freeze and has no answer", By.HOLDER, next -> {
            next.guest = Guest.FREEZING;
            hold(next);
        });
    }

    private static void pause(Situation from, Moves moves) {
        moves.add("need not pause", By.HOLDER, next -> next.done = true);
        if (from.letGo || !from.libvirt) {
            moves.add("cannot pause", By.HOLDER, RunMoves::giveUp);
        } else {
            moves.add("pauses", By.HOLDER, next -> {
                next.paused = next.on;
                hold(next);
            });
        }
    }

    private void release(Situation from, String name, Consumer<Situation> then, Moves moves) {
        boolean able = from.releasable();
        if (!able && owes(from) && rules.contains(Rule.RELEASE_BEFORE_ROLL_BACK)) {
            moves.add("cannot release", By.HOLDER, next -> {
                next.release();
                giveUp(next);
            });
            return;
        }
        moves.add(name, By.HOLDER, next -> {
            if (owes(from)) {
                next.whole = next.holder == Holder.RUNNING && next.isWhole(rules);
                next.release();
                next.letGo = true;
            }
            if (able && next.holder == Holder.RUNNING) {
                disarm(next);
            }
            then.accept(next);
            next.done = true;
        });
    }

    /** Of a run that nobody goes on with nothing but the journal changes. */
    void operator(Situation from, Moves moves) {
        if (from.holder == Holder.DEAD && tables.after().apply(from.run).contains(GIVEN_UP)) {
            moves.add("an operator gives it up", By.OPERATOR, next -> next.run = GIVEN_UP);
        }
    }

    /** Its own limit, or the loss of its sentinel, has the holder let the guest go in the middle of anything. */
    void limit(Situation from, Moves moves) {
        if (from.holder == Holder.RUNNING && from.owed && from.held()) {
            moves.add("the limit passes", By.HOLDER, next -> {
                next.release();
                next.letGo = true;
            });
        }
    }

    private static void decide(Situation next, RunState to) {
        next.doing = Optional.of(to);
        next.breaks = (to == FROZEN || to == QUIESCED) && !next.owed ? 0 : next.breaks;
    }

    private static void journal(Situation next) {
        next.run = next.doing.orElseThrow();
        next.recorded |= next.run == SNAPSHOTTED;
        next.doing = Optional.empty();
        next.done = false;
    }

    private static void giveUp(Situation next) {
        next.doing = Optional.empty();
        next.done = false;
        next.failed = true;
    }

    private static void arm(Situation next) {
        next.sentinel = Sentinel.ARMED;
        next.lease = Lease.OPEN;
        next.guestSwitch = next.guestSwitch == Switch.NONE ? Switch.ARMED : next.guestSwitch;
        next.done = true;
    }

    private static void hold(Situation next) {
        next.owed = true;
        next.done = true;
    }

    private static void snapshot(Situation next) {
        next.snapshot = next.guest == Guest.FROZEN ? Snapshot.OF_FROZEN : Snapshot.OF_OTHER;
        next.done = true;
    }

    private static void disarm(Situation next) {
        next.lease = next.sentinel == Sentinel.DEAD ? next.lease : Lease.NONE;
        next.sentinel = next.sentinel == Sentinel.DEAD ? Sentinel.DEAD : Sentinel.NONE;
        next.guestSwitch = next.guestSwitch == Switch.IMPOSSIBLE ? Switch.IMPOSSIBLE : Switch.NONE;
    }
}
