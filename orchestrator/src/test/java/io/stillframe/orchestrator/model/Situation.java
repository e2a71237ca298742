package io.stillframe.orchestrator.model;

import io.stillframe.db.RunState;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** All that matters of a run, its guest, and everybody around them, at one moment. Not changed once it is made. */
final class Situation {
    /** The guest's filesystems. */
    enum Guest {
        THAWED,
        /** The freeze was sent, and will have its effect. */
        FREEZING,
        FROZEN
    }

    /** The process that takes the snapshot, or the one that comes after it. */
    enum Holder {
        RUNNING,
        STOPPED,
        DEAD,
        RECOVERING
    }

    /** The sentinel's process. */
    enum Sentinel {
        NONE,
        ARMED,
        /** It has released the guest at its deadline, and waits for its holder's end. */
        ACTED,
        DEAD
    }

    /** The switch inside the guest. */
    enum Switch {
        IMPOSSIBLE,
        NONE,
        ARMED,
        FIRED,
        /** It ended with the machine, which was started again without it. */
        LOST
    }

    /** The lease file. */
    enum Lease {
        NONE,
        OPEN,
        /** It tells that the guest was released at the deadline; its holder lived. */
        DEADLINE,
        /** It tells that the guest was released when nobody held it any more. */
        DONE
    }

    /** The snapshot. */
    enum Snapshot {
        NONE,
        /** Taken while the guest was frozen. */
        OF_FROZEN,
        /** Taken while it was not. */
        OF_OTHER
    }

    RunState run = RunState.PLANNED;
    /** What the holder has decided to do next; it is not journaled yet. */
    Optional<RunState> doing = Optional.empty();

    /** Whether the effect of that is there. */
    boolean done;
    /** Whether a step went wrong: nothing is left to the holder but to end the run. */
    boolean failed;
    /** Whether the run was SNAPSHOTTED by the journal. */
    boolean recorded;

    Holder holder = Holder.RUNNING;
    /** Whether the holder has held the guest, as far as it remembers. */
    boolean owed;
    /** Whether it has let the guest go: it holds it no more. */
    boolean letGo;
    /** How many have broken since the guest was about to be held: none, one, or more. */
    int breaks;

    Guest guest = Guest.THAWED;
    boolean paused;
    /** Whether the agent has answered that it froze the guest. */
    boolean answered;
    /** Whether whoever released the guest found it held, as it had to be, until then. */
    boolean whole;

    Sentinel sentinel = Sentinel.NONE;
    Switch guestSwitch;
    Lease lease = Lease.NONE;
    Snapshot snapshot = Snapshot.NONE;
    boolean agent = true;
    final boolean sysrq;
    boolean libvirt = true;
    boolean on = true;

    private List<Object> key;
    private int hash;

    private Situation(boolean sysrq, Switch guestSwitch) {
        this.sysrq = sysrq;
        this.guestSwitch = guestSwitch;
        remember();
    }

    /** What a run may begin with: guests that help themselves, or not. */
    static List<Situation> first() {
        return List.of(
                new Situation(false, Switch.IMPOSSIBLE),
                new Situation(false, Switch.NONE),
                new Situation(true, Switch.IMPOSSIBLE),
                new Situation(true, Switch.NONE));
    }

    /** The same but for a change. */
    Situation but(Consumer<Situation> change) {
        Situation other = new Situation(sysrq, guestSwitch);
        other.run = run;
        other.doing = doing;
        other.done = done;
        other.failed = failed;
        other.recorded = recorded;
        other.holder = holder;
        other.owed = owed;
        other.letGo = letGo;
        other.breaks = breaks;
        other.guest = guest;
        other.paused = paused;
        other.answered = answered;
        other.whole = whole;
        other.sentinel = sentinel;
        other.lease = lease;
        other.snapshot = snapshot;
        other.agent = agent;
        other.libvirt = libvirt;
        other.on = on;
        change.accept(other);
        other.forget();
        other.remember();
        return other;
    }

    /** Leaves out what no longer matters, so that situations that differ in nothing else are one. */
    private void forget() {
        boolean mayHold = held() || owed || doing.isPresent();
        breaks = mayHold ? breaks : 0;
        letGo &= owed;
        answered &= !isSettled() && run != RunState.RELEASED;
        recorded &= !isSettled();
        whole &= run != RunState.FAILED && run != RunState.ABANDONED && run != RunState.QUARANTINED;
    }

    /** Whether the guest stands still, or will. */
    boolean held() {
        return on && (paused || guest != Guest.THAWED);
    }

    /** Whether somebody outside the guest can release it now. */
    boolean releasable() {
        return !on || (libvirt && (guest == Guest.THAWED || thawable()));
    }

    boolean thawable() {
        return agent || sysrq;
    }

    boolean isSettled() {
        return run.isFinal() || run == RunState.QUARANTINED;
    }

    /** Whether nothing is left to do for anybody but an operator. */
    boolean isOver() {
        return isSettled() && holder == Holder.DEAD && lease == Lease.NONE && !held();
    }

    /** Somebody tries to release the guest: a resume needs libvirt alone; a thaw waits until a freeze under way has come. */
    void release() {
        if (libvirt || !on) {
            paused = false;
            guest = thawable() || !on ? Guest.THAWED : guest;
        }
    }

    /** Whether whoever releases the guest now finds it held by a freeze that was answered. */
    boolean isWhole(Set<Rule> rules) {
        return (answered || !rules.contains(Rule.AN_ANSWER_IS_NEEDED))
                && (guest == Guest.FROZEN || !rules.contains(Rule.COUNTS_ARE_COMPARED));
    }

    /** The holder's process ends, and with it what it knew. */
    void endHolder() {
        holder = Holder.DEAD;
        doing = Optional.empty();
        done = false;
        failed = false;
        owed = false;
    }

    /** One more has broken. */
    void countBreak() {
        breaks = Math.min(2, breaks + 1);
    }

    private void remember() {
        key = List.of(
                List.of(run, doing, done, failed, recorded, holder, owed, letGo, breaks),
                List.of(guest, paused, answered, whole, sentinel, guestSwitch, lease, snapshot),
                List.of(agent, sysrq, libvirt, on));
        hash = key.hashCode();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Situation of && hash == of.hash && key.equals(of.key);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return "run %s%s, holder %s, guest %s%s, sentinel %s, switch %s, lease %s, snapshot %s, agent %s, libvirt %s, on %s"
                .formatted(
                        run,
                        doing.map(to -> (done ? " having done " : " about to be ") + to)
                                .orElse(""),
                        holder,
                        guest,
                        paused ? " and paused" : "",
                        sentinel,
                        guestSwitch,
                        lease,
                        snapshot,
                        agent,
                        libvirt,
                        on);
    }
}
