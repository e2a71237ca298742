package io.stillframe.db;

import io.stillframe.db.JournalException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What Stillframe intends, does and has proved, so that whoever comes after a crash can go on. Every method that
 * changes something is one transaction: it has happened and survives a kill of this process when the method returns,
 * and has not happened when it throws. {@link #force} adds the loss of power to what is survived.
 *
 * <p>Safe for use by several threads; changes go one at a time. An interrupt neither ends a call nor harms the journal.
 * Everything that fails is a {@link JournalException}; after one of kind {@link Kind#IO} the journal must be opened
 * anew.
 */
public final class Journal implements AutoCloseable {
    /** Texts for people are cut to this many characters: a guest's endless error message is no reason to fail. */
    public static final int MAX_TEXT = 4000;

    /** How many runs an ambiguous search names. */
    public static final int MAX_CANDIDATES = 10;

    /** The file only grows while it is open (some 15 kB per change); beyond this size the next open copies it. */
    private static final long COMPACT_ABOVE_BYTES = 64L * 1024 * 1024;

    private final Lock lock;
    private final JournalFile file;
    private volatile Session session;
    private Tables tables;

    private Journal(Lock lock, JournalFile file) {
        this.lock = lock;
        this.file = file;
        attach();
    }

    /**
     * Opens the journal of a state directory, or begins one.
     *
     * @param stateDir created where absent, for its owner alone
     */
    public static Journal open(Path stateDir) {
        return open(stateDir, Migrations.KNOWN, COMPACT_ABOVE_BYTES);
    }

    static Journal open(Path stateDir, Migrations migrations, long compactAbove) {
        try {
            create(stateDir.toAbsolutePath());
            Lock lock = Lock.take(stateDir);
            boolean opened = false;
            try {
                JournalFile file = new JournalFile(stateDir, migrations);
                file.prepare(compactAbove);
                Journal journal = new Journal(lock, file);
                opened = true;
                return journal;
            } finally {
                if (!opened) {
                    lock.close();
                }
            }
        } catch (IOException e) {
            throw new JournalException(Kind.IO, "journal in " + stateDir + ": cannot be opened: " + e, e);
        }
    }

    private static void create(Path directory) throws IOException {
        if (Files.notExists(directory)) {
            Files.createDirectories(directory.getParent());
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
    }

    private void attach() {
        Session opened = Session.open(file.path());
        Tables over = Tables.over(opened);
        boolean readable = false;
        try {
            // reads every run, which finds damage before anything is built upon it; and warms the read path up
            opened.transaction("reading the runs of " + file.path(), over.runs()::unfinished);
            readable = true;
        } finally {
            if (!readable) {
                opened.close();
            }
        }
        session = opened;
        tables = over;
    }

    /** Records a new run, at {@link RunState#PLANNED}. */
    public synchronized Run plan(RunId id, Vm vm, Consistency required, Instant at) {
        Run run = new Run(id, vm, required, RunState.PLANNED, 0, Micros.of(at), Optional.empty(), Outcome.NONE);
        return session.transaction("planning run " + id, () -> {
            tables.runs().insert(run);
            return run;
        });
    }

    /**
     * Records what the run is going to do with its disks, in place of what was recorded before. All of it must be there
     * before the guest is touched, for recovery looks for nothing else.
     *
     * @throws IllegalStateException when the run is beyond {@link RunState#PREPARED}
     */
    public synchronized Run recordVolumes(Run run, List<RunVolume> volumes) {
        if (run.state() != RunState.PLANNED && run.state() != RunState.PREPARED) {
            throw new IllegalStateException("run " + run.id() + " is " + run.state() + ": its volumes are settled");
        }
        return session.transaction("recording the volumes of run " + run.id(), () -> {
            tables.runs().touch(run);
            tables.volumes().replace(run.id(), volumes);
            return run.with(run.outcome());
        });
    }

    /**
     * Records that the run is in another state now. Takes part of a millisecond and never waits for the disk, so that
     * it may be called while the guest is frozen. Which transitions are legal is the workflow's affair; here only the
     * version is checked.
     *
     * <p>With {@link RunState#SNAPSHOTTED} the snapshot gets its record in the same transaction, at {@link
     * Consistency#CRASH}: were it written later, a crash in between would leave a snapshot that nobody knows of, and
     * with a stronger class one that claims what was not proved.
     *
     * @throws JournalException of kind {@link Kind#STALE} when this is not the run's present version
     */
    public synchronized Run advance(Run run, RunState to, Instant at, String detail) {
        return session.transaction(
                "run " + run.id() + " to " + to, () -> tables.advance(run, to, Micros.of(at), bounded(detail)));
    }

    /** Records how the guest was frozen. */
    public synchronized Run recordFreeze(Run run, Freeze freeze) {
        return recordOutcome(run, run.outcome().with(freeze));
    }

    /** Records why the run does not become what was asked for; a later error replaces an earlier one. */
    public synchronized Run recordError(Run run, RunError error) {
        RunError kept = new RunError(error.code(), bounded(error.message()), bounded(error.hint()));
        return recordOutcome(run, run.outcome().with(kept));
    }

    private Run recordOutcome(Run run, Outcome outcome) {
        return session.transaction("recording run " + run.id(), () -> tables.outcome(run, outcome));
    }

    /** Records what was proved, for the run and for its snapshot if there is one; replaces an earlier proof. */
    public synchronized Run recordProof(Run run, Consistency consistency, List<Evidence> evidence) {
        return session.transaction("recording the proof of run " + run.id(), () -> {
            Run proved = tables.outcome(run, run.outcome().with(consistency));
            tables.proofs().replace(run.id(), evidence);
            tables.snapshots().proved(run.id(), consistency);
            return proved;
        });
    }

    /**
     * Forgets a snapshot, after the storage has confirmed that nothing of it is left. The run and its history stay.
     *
     * @return whether there was a record
     */
    public synchronized boolean discardSnapshot(RunId run) {
        return session.transaction(
                "discarding snapshot " + run.label(), () -> tables.snapshots().delete(run));
    }

    /**
     * Returns when everything recorded before this call is on disk. Costs what the disk costs, and holds up nobody:
     * {@link #advance} for another guest, which may be frozen, does not wait for it.
     */
    public void force() {
        session.sync();
    }

    /** The run as it is now. */
    public synchronized Optional<Run> run(RunId id) {
        return session.transaction("reading run " + id, () -> tables.runs().byId(id));
    }

    /** The runs, the newest first: of one virtual machine by its UUID or its name at the time, or all. */
    public synchronized List<Run> runs(Optional<String> vm) {
        return session.transaction("reading runs", () -> tables.runs().newestFirst(vm));
    }

    /** The runs that are not in a final state, the oldest first: what recovery has to look at. */
    public synchronized List<Run> unfinished() {
        return session.transaction("reading unfinished runs", tables.runs()::unfinished);
    }

    /** A run's transitions in their order. */
    public synchronized List<Transition> transitions(RunId id) {
        return session.transaction(
                "reading run " + id, () -> tables.transitions().of(id));
    }

    /** A run's volumes in the order in which they were recorded. */
    public synchronized List<RunVolume> volumes(RunId id) {
        return session.transaction("reading run " + id, () -> tables.volumes().of(id));
    }

    /** The evidence of a run's last proof. */
    public synchronized List<Evidence> evidence(RunId id) {
        return session.transaction("reading run " + id, () -> tables.proofs().of(id));
    }

    /** The snapshot that a run has left, if it has one. */
    public synchronized Optional<Snapshot> snapshot(RunId id) {
        return session.transaction(
                "reading snapshot " + id.label(), () -> tables.snapshots().of(id));
    }

    /** The snapshots, the newest first: of one virtual machine by its UUID or its name at the time, or all. */
    public synchronized List<Snapshot> snapshots(Optional<String> vm) {
        return session.transaction("reading snapshots", () -> tables.snapshots().newestFirst(vm));
    }

    /** Looks a run up by its id or label, or the beginning of one, as typed: {@code 7f3a}, {@code sf-7f3a}. */
    public synchronized Found find(String idOrPrefix) {
        String prefix = RunId.bare(idOrPrefix);
        if (!RunId.isPrefix(prefix)) {
            return new Found.None();
        }
        List<Run> runs =
                session.transaction("looking for a run", () -> tables.runs().byPrefix(prefix));
        return switch (runs.size()) {
            case 0 -> new Found.None();
            case 1 -> new Found.One(runs.get(0));
            default -> new Found.Ambiguous(runs.stream().map(Run::id).toList());
        };
    }

    static String bounded(String text) {
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT - 1) + "…";
    }

    @Override
    public synchronized void close() {
        try (lock) {
            session.close();
        } catch (IOException e) {
            throw new JournalException(Kind.IO, "journal " + file.path() + ": lock not released: " + e, e);
        }
    }
}
