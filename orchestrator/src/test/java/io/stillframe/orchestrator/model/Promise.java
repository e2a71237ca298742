package io.stillframe.orchestrator.model;

import io.stillframe.db.RunState;
import io.stillframe.orchestrator.model.Move.By;
import io.stillframe.orchestrator.model.Situation.Holder;
import io.stillframe.orchestrator.model.Situation.Snapshot;
import io.stillframe.orchestrator.model.Situation.Switch;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What has to be so, wherever a run has come.
 *
 * @param broken finds where it is not, and how one comes there
 */
record Promise(String name, Function<StateSpace, Optional<String>> broken) {
    private static final Set<By> EVERYBODY = EnumSet.complementOf(EnumSet.of(By.BREAK));
    private static final Set<By> WITHOUT_AN_OPERATOR = EnumSet.complementOf(EnumSet.of(By.BREAK, By.OPERATOR));
    private static final Set<By> THERE_ALREADY = EnumSet.of(By.HOLDER, By.SENTINEL, By.GUEST, By.RETURN);

    /** All of them, of a run that goes by these tables. */
    static List<Promise> all(Tables tables) {
        return List.of(
                never("a state that says free has a held guest", now -> saysFree(now) && now.held()),
                never(
                        "a guest is held of which the journal does not tell",
                        now -> now.held() && !tables.mayBeHeld().test(now.run)),
                never(
                        "a run is completed without its snapshot",
                        now -> now.run == RunState.COMPLETED && now.snapshot == Snapshot.NONE),
                never("a run that failed leaves its snapshot", now -> isFailed(now) && now.snapshot != Snapshot.NONE),
                never(
                        "more is claimed than a freeze held",
                        now -> isClaimed(now) && now.whole && now.snapshot == Snapshot.OF_OTHER),
                new Promise("the end stays in reach", space -> space.stuck(any -> true, Situation::isOver, EVERYBODY)),
                // as long as there is a way into the guest; a process that is stopped ends nothing
                new Promise(
                        "the end comes without an operator",
                        space -> space.stuck(
                                now -> now.thawable() && now.holder != Holder.STOPPED,
                                Situation::isOver,
                                WITHOUT_AN_OPERATOR)),
                // whoever it is that dies, is stopped or is lost
                new Promise(
                        "one break leaves somebody who releases the guest",
                        space -> space.stuck(Promise::isOneBreak, now -> !now.held(), THERE_ALREADY)));
    }

    private static Promise never(String what, Predicate<Situation> such) {
        return new Promise("never: " + what, space -> space.find(such));
    }

    private static boolean saysFree(Situation now) {
        return now.isSettled() || now.run == RunState.RELEASED;
    }

    private static boolean isFailed(Situation now) {
        return now.run == RunState.FAILED || now.run == RunState.ABANDONED;
    }

    private static boolean isClaimed(Situation now) {
        return now.run == RunState.RELEASED || now.run == RunState.COMPLETED;
    }

    /** A guest that nothing outside can thaw, and that has no switch, nobody can help. */
    private static boolean isOneBreak(Situation now) {
        boolean hasSwitch = now.guestSwitch != Switch.IMPOSSIBLE && now.guestSwitch != Switch.LOST;
        return now.breaks <= 1 && (now.thawable() || hasSwitch);
    }

    @Override
    public String toString() {
        return name;
    }
}
