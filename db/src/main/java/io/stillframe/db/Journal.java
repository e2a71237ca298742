package io.stillframe.db;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The journal of all runs, and of what is done with their snapshots. One process at a time holds it; within the process it is safe for use by several threads.
 * Every change but {@link #force} returns when it survives the death of this process; none of them waits for the disk.
 * Times are kept in whole microseconds; what a change returns is what is read afterwards.
 *
 * <p>Every method throws {@link JournalException} when the journal cannot be read or written: UNREADABLE or IO.
 */
public interface Journal extends AutoCloseable {
    /**
     * Opens the journal in a directory that exists, and makes it where there is none. Takes the longer once the file has
     * grown large: then it is compacted first.
     *
     * @throws JournalException when it is held, unreadable, newer than this program, or the disk fails
     */
    static Journal open(Path directory) {
        return H2Journal.open(directory, Growth.SMALL_BYTES);
    }

    /**
     * Gives an unreadable journal another name beside it, for good: {@code journal.mv.db.unreadable-} and the time, and
     * where that exists, a number from 2 on. Nothing is overwritten or deleted, whatever the file holds; the next {@link
     * #open} makes an empty journal.
     *
     * @param at in the name to the second, in UTC: {@code yyyyMMddTHHmmssZ}
     * @return the new path; the change of name is on the disk
     * @throws JournalException HELD when somebody has the journal open, IO when there is none or the disk fails
     */
    static Path setAside(Path directory, Instant at) {
        return JournalFile.setAside(directory, at);
    }

    /**
     * Begins a run: PLANNED.
     *
     * @throws JournalException IO, too, when there is a run or a job of this id
     */
    Run plan(RunId id, UUID vm, String vmName, Instant at);

    /**
     * Says, once, what a run was asked for and is going to do, before it makes anything. Until {@link #released} or {@link
     * #end} says more, its evidence is the run's.
     *
     * @throws JournalException STALE when there is no such run, or it has its intent already
     */
    void intend(RunId run, Intent intent);

    /**
     * Moves a run to its next state and changes nothing else of it. With SNAPSHOTTED the snapshot's record appears, as the
     * weakest class until {@link #released} or {@link #end} says what was proved: at no moment is there a snapshot without
     * a record. Its parent is the machine's head, and it becomes the head.
     *
     * @throws JournalException STALE when the run is not at the version given
     */
    Run advance(Run run, RunState to, Instant at);

    /**
     * Moves a run to FROZEN, with the agent's answer: a later process can tell from it whether the freeze held what it had
     * to.
     *
     * @param filesystems how many filesystems the agent said it froze, from 0
     * @throws JournalException STALE when the run is not at the version given
     */
    Run froze(Run run, int filesystems, Instant at);

    /**
     * Moves a run to RELEASED, with all that {@link #end} takes, so that a process that comes after a crash can finish the
     * run by what is journaled. The run has not ended: its end is empty, though an earlier state had one.
     *
     * @throws JournalException STALE when the run is not at the version given
     */
    Run released(Run run, Instant at, RunResult result, List<Evidence> evidence);

    /**
     * Moves a run to its last state, with what it brought and the evidence, in place of what was said before. The
     * snapshot's record is removed when the run is FAILED: then the snapshot was rolled back, and its parent takes its place
     * as the machine's head and as a parent. Otherwise it is given the class that comes with this evidence, and the weakest
     * where none does.
     *
     * @throws JournalException STALE when the run is not at the version given
     */
    Run end(Run run, RunState to, Instant at, RunResult result, List<Evidence> evidence);

    /**
     * Says, once, which runs are going to be a group, before any of them begins. Each of them begins with {@link #plan} as
     * any run does.
     *
     * @throws JournalException IO, too, when there is a group of this id, or one of the runs is in a group already
     */
    void plan(RunGroup group);

    /**
     * Says, once, that the snapshots of a group are of one instant, and kept: from now on whoever finds a member RELEASED
     * finishes it. Until then a group of ALL_OR_NOTHING is one that has not come about.
     *
     * @return the group, with its proof
     * @throws JournalException STALE when not every member is RELEASED, or it is said already
     */
    RunGroup prove(RunGroup group, OneInstant proof);

    /** The group that a run is a member of. */
    Optional<RunGroup> groupOf(RunId run);

    /**
     * Begins a job. With REMOVE the snapshot becomes REMOVING at once.
     *
     * @param job BEGUN, at version 0, with neither end nor error
     * @throws JournalException STALE when the machine has no such snapshot that is PRESENT (to be removed it may be LOST
     *     too), or has a job that is unfinished; IO, too, when there is a run or a job of this id
     * @throws IllegalArgumentException when it is not the beginning of a job
     */
    Job begin(Job job);

    /**
     * Moves a job to another state, with all that this means for the machine:
     *
     * <ul>
     *   <li>REMOVE, DONE: the job's changes are made one after the other: wherever a volume of any run of the machine, of
     *       the same driver, bears the one name, as a snapshot or as what is active, it bears the other, and a snapshot's
     *       format goes with it. The snapshot's record is removed, and its parent takes its place as the machine's head
     *       and as a parent.
     *   <li>REMOVE, FAILED: the snapshot is again what it was. Only who has begun nothing may say so.
     *   <li>REVERT, DONE: the snapshot becomes the machine's head.
     * </ul>
     *
     * <p>What the job was going to do is taken from the journal, whatever is given.
     *
     * @param to not BEGUN
     * @param error of this state, in place of an earlier one's
     * @throws JournalException STALE when the job is not at the version given, or has come to its end
     */
    Job finish(Job job, JobState to, Instant at, Optional<RunError> error);

    /**
     * Ends a job as FAILED that nobody goes on with, however far it came. A snapshot that it was to remove may be a mixture:
     * from the same moment on it is LOST.
     *
     * @param made those of its changes that a removal has made, with all that they mean in {@link #finish}
     * @throws JournalException STALE when the job is not at the version given, or has come to its end
     */
    Job giveUp(Job job, Instant at, RunError word, List<JobChange> made);

    /**
     * Notes, before it is made, that there is going to be a view of a snapshot on the host. Where there was one already, it
     * is open since then.
     *
     * @throws JournalException STALE when there is no such snapshot that is PRESENT
     */
    void opened(RunId snapshot, Instant at);

    /** Notes that there is no view of a snapshot any more, if there was one. */
    void closed(RunId snapshot);

    /**
     * Notes that the storage has lost a snapshot, if there is one. One that is being removed stays what it is, and what it was:
     * whoever looked at it may have seen it half gone.
     */
    void lost(RunId snapshot);

    /** Takes back that a snapshot is lost, if it is and is not being removed: its storage has all of it. */
    void found(RunId snapshot);

    /** The machines that there are runs of. */
    List<UUID> machines();

    /**
     * The records of a machine that have ended before a moment and that nothing needs which is left: each snapshot is listed,
     * reverted to and removed as if they were there.
     */
    Expired expired(UUID vm, Instant before);

    /**
     * Lets go of what is {@link #expired}, for good. Meanwhile no run goes on, so it is done only while none may hold its guest;
     * one that is about to waits for the end of it.
     *
     * @param most so many records at once
     * @return those that are gone, fewer than that only where no more are expired; empty where a guest may be held
     */
    Optional<Expired> prune(UUID vm, Instant before, int most);

    /**
     * Waits until everything journaled so far is on the disk itself, proof against a power loss: a few milliseconds, in
     * which other threads go on journaling.
     */
    void force();

    /** All runs, or those of a machine by its name or UUID, the newest first. */
    List<Run> runs(Optional<String> vm);

    /** At most so many of all runs, the newest first, at a cost that does not depend on how many there are. */
    List<Run> newestRuns(int most);

    /** The runs whose id begins like this: at most two, which is enough to see that it is ambiguous. */
    List<Run> runsLike(String prefix);

    /** The runs that are in no final state, QUARANTINED ones among them, the oldest first. */
    List<Run> unfinished();

    /**
     * As it was said, but for the names that its volumes were given since by a job; empty for a run that came to an end
     * before, and for one that is not there.
     */
    Optional<Intent> intent(RunId run);

    /** Every state that the run was in, the first one first. */
    List<Transition> transitions(RunId run);

    /** Those of the intent, in its order, by the names that they bear now. */
    List<RunVolume> volumes(RunId run);

    /** The same of all runs of a machine that have any. */
    Map<RunId, List<RunVolume>> volumes(UUID vm);

    /** What {@link #released} or {@link #end} said last; before that, what the intent knew. */
    List<Evidence> evidence(RunId run);

    /** All snapshots, or those of a machine by its name or UUID, the newest first. */
    List<Snapshot> snapshots(Optional<String> vm);

    /** Those of the runs that began last, at most so many of all snapshots, the newest first. */
    List<Snapshot> newestSnapshots(int most);

    /** The snapshots whose run's id begins like this: at most two, which is enough to see that it is ambiguous. */
    List<Snapshot> snapshotsLike(String prefix);

    /**
     * The snapshot that a machine's present images come from: the last one that was taken or reverted to, or where that was
     * removed, its parent.
     */
    Optional<RunId> head(UUID vm);

    /** All jobs, or those of a machine by its name or UUID, the newest first. */
    List<Job> jobs(Optional<String> vm);

    /** The jobs whose id begins like this: at most two, which is enough to see that it is ambiguous. */
    List<Job> jobsLike(String prefix);

    /** The jobs that are in no final state, QUARANTINED ones among them, the oldest first. */
    List<Job> unfinishedJobs();

    /**
     * Whether it had better be closed and opened again: its file has grown to several times of what it was, and is small
     * again then, or something went wrong with it.
     */
    boolean isWorn();

    /**
     * Lets go of the journal; what was journaled remains.
     *
     * @throws JournalException IO when the disk fails; it is let go of all the same
     */
    @Override
    void close();
}
