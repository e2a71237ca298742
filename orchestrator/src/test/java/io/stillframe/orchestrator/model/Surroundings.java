package io.stillframe.orchestrator.model;

import io.stillframe.orchestrator.model.Move.By;
import io.stillframe.orchestrator.model.Situation.Guest;
import io.stillframe.orchestrator.model.Situation.Holder;
import io.stillframe.orchestrator.model.Situation.Lease;
import io.stillframe.orchestrator.model.Situation.Sentinel;
import io.stillframe.orchestrator.model.Situation.Switch;
import java.util.Set;
import java.util.function.Consumer;

/** What everybody around a run may do, and what may happen to them. */
record Surroundings(Set<Rule> rules) {
    void sentinel(Situation from, Moves moves) {
        boolean there = from.sentinel == Sentinel.ARMED || from.sentinel == Sentinel.ACTED;
        boolean gone = from.holder == Holder.DEAD;
        boolean due = gone || (from.sentinel == Sentinel.ARMED && rules.contains(Rule.SENTINEL_HAS_A_DEADLINE));
        if (!there || !due) {
            return;
        }
        if (gone && !rules.contains(Rule.SENTINEL_SEES_THE_END)) {
            moves.add("the sentinel ends", By.SENTINEL, next -> next.sentinel = Sentinel.NONE);
        } else if (!from.releasable()) {
            moves.add("the sentinel tries", By.SENTINEL, Situation::release);
        } else if (gone) {
            moves.add("the sentinel sees the holder's end", By.SENTINEL, next -> {
                next.whole = from.sentinel == Sentinel.ARMED && next.isWhole(rules);
                next.release();
                next.lease = from.sentinel == Sentinel.ARMED ? recorded(next, Lease.DONE) : next.lease;
                next.sentinel = Sentinel.NONE;
            });
        } else {
            moves.add("the sentinel's deadline passes", By.SENTINEL, next -> {
                // the holder's own limit comes before, so it was late
                if (from.holder == Holder.RUNNING) {
                    next.countBreak();
                }
                next.release();
                next.sentinel = Sentinel.ACTED;
                next.lease = recorded(next, Lease.DEADLINE);
            });
        }
    }

    /** What is written to a file that was removed is lost with it. */
    private static Lease recorded(Situation next, Lease as) {
        return next.lease == Lease.NONE ? Lease.NONE : as;
    }

    void guest(Situation from, Moves moves) {
        if (from.guest == Guest.FREEZING && from.agent) {
            moves.add("the freeze comes", By.GUEST, next -> next.guest = Guest.FROZEN);
        }
        if (from.guestSwitch == Switch.ARMED && from.on && !from.paused && rules.contains(Rule.SWITCH_FIRES)) {
            moves.add("the switch fires", By.GUEST, next -> {
                next.guestSwitch = Switch.FIRED;
                // everybody else's deadline comes before, so the holder was late
                if (from.guest != Guest.FROZEN) {
                    next.countBreak();
                }
                next.guest = next.guest == Guest.FROZEN ? Guest.THAWED : next.guest;
            });
        }
    }

    /** Another process starts, once no sentinel has the guest in its hands. */
    void recovery(Situation from, Moves moves) {
        boolean free = from.sentinel == Sentinel.NONE || from.sentinel == Sentinel.DEAD;
        boolean needed = !from.isSettled() || from.lease != Lease.NONE;
        if (from.holder != Holder.DEAD || !free || !needed || !from.libvirt) {
            return;
        }
        boolean asks = from.lease == Lease.OPEN
                || (from.lease == Lease.DEADLINE && rules.contains(Rule.DEADLINE_IS_NOT_THE_END));
        if (asks && !from.releasable()) {
            moves.add("recovery leaves it to another sentinel", By.RECOVERY, next -> {
                next.release();
                next.sentinel = Sentinel.ARMED;
                next.lease = Lease.OPEN;
            });
            return;
        }
        moves.add("recovery starts", By.RECOVERY, next -> {
            if (asks) {
                next.whole = false;
                next.release();
                next.lease = Lease.DONE;
            }
            next.lease = from.isSettled() ? Lease.NONE : next.lease;
            next.holder = Holder.RECOVERING;
        });
    }

    static void breaks(Situation from, Moves moves) {
        boolean there = from.sentinel == Sentinel.ARMED || from.sentinel == Sentinel.ACTED;
        breaks(moves, "the holder is killed", from.holder != Holder.DEAD, Situation::endHolder);
        breaks(moves, "the holder is stopped", from.holder == Holder.RUNNING, next -> next.holder = Holder.STOPPED);
        breaks(moves, "the sentinel is killed", there, next -> next.sentinel = Sentinel.DEAD);
        breaks(moves, "the agent dies", from.agent, next -> {
            next.agent = false;
            next.guest = next.guest == Guest.FREEZING ? Guest.THAWED : next.guest;
        });
        // while its holder lives nobody looks for it
        boolean looked = from.holder == Holder.DEAD && from.lease != Lease.NONE;
        breaks(moves, "the lease is lost", looked, next -> next.lease = Lease.NONE);
        breaks(moves, "libvirt is lost", from.libvirt, next -> next.libvirt = false);
        breaks(moves, "the machine goes off", from.on, next -> {
            next.on = false;
            next.release();
            next.guestSwitch = next.guestSwitch == Switch.ARMED ? Switch.LOST : next.guestSwitch;
        });
    }

    static void mends(Situation from, Moves moves) {
        if (!from.libvirt) {
            moves.add("libvirt comes back", By.RETURN, next -> next.libvirt = true);
        }
        if (from.holder == Holder.STOPPED) {
            moves.add("the holder goes on", By.OPERATOR, next -> next.holder = Holder.RUNNING);
        }
        if (!from.agent) {
            moves.add("the agent is started", By.OPERATOR, next -> next.agent = true);
        }
        if (!from.on) {
            moves.add("the machine is started", By.OPERATOR, next -> next.on = true);
        }
    }

    private static void breaks(Moves moves, String name, boolean can, Consumer<Situation> change) {
        if (can) {
            moves.add(name, By.BREAK, next -> {
                next.countBreak();
                change.accept(next);
            });
        }
    }
}
