package io.stillframe.orchestrator.app;

import io.stillframe.db.Journal;
import io.stillframe.guest.DomainId;
import io.stillframe.orchestrator.cli.CommandFailed;
import io.stillframe.orchestrator.recovery.Reconcile;
import io.stillframe.orchestrator.workflow.ErrorCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The state directory as a daemon has it: for as long as it lives. What works in it has its turn, one after the other, as
 * processes have theirs; what only looks shares the journal with whoever works.
 */
final class Tenure implements AutoCloseable {
    private final Path directory;
    private final StateDirectory held;
    private Optional<Holder> worker = Optional.empty();
    private Journal journal;
    private int readers;
    private boolean unsettled;

    private Tenure(Path directory, StateDirectory held) {
        this.directory = directory;
        this.held = held;
    }

    /** @throws CommandFailed when it cannot be used, or another process holds it and does not end in time */
    static Tenure begin(Path directory, Patience patience) {
        return new Tenure(directory, StateDirectory.hold(directory, Holder.DAEMON, List.of(), patience));
    }

    /** @throws CommandFailed when another directory is meant */
    void require(Path other) {
        boolean same;
        try {
            same = directory.equals(other) || Files.isSameFile(directory, other);
        } catch (IOException e) {
            same = false;
        }
        if (!same) {
            throw CommandFailed.refused(
                    ErrorCode.HELD,
                    "nothing was touched: the daemon (pid %d) works in %s, not in %s"
                            .formatted(ProcessHandle.current().pid(), directory, other),
                    "leave --state-dir out, or end the daemon first");
        }
    }

    /**
     * Waits for a turn, and has it until it is closed.
     *
     * @throws CommandFailed when another has it and is busy with one of these machines, or does not end in time
     */
    Hold turn(String purpose, List<DomainId> vms, Patience patience) {
        Turn turn = new Turn(Holder.me(purpose, vms));
        try {
            patience.take(turn, directory, turn.me);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return turn;
    }

    /** A turn, where nobody has one. */
    Optional<Hold> turnIfFree(String purpose) {
        Turn turn = new Turn(Holder.me(purpose, List.of()));
        return turn.take() ? Optional.of(turn) : Optional.empty();
    }

    /** Whether there were runs that had not come to their end when somebody last left the journal. */
    synchronized boolean isUnsettled() {
        return unsettled;
    }

    /** The journal, opened by the first who asks and closed by the last who {@link #leave}s. */
    synchronized Journal journal() {
        if (readers == 0) {
            journal = Journal.open(directory);
        }
        readers++;
        return journal;
    }

    synchronized void leave() {
        readers--;
        unsettled = true; // should it not be readable
        try {
            unsettled = Reconcile.isDue(journal);
        } finally {
            if (readers == 0) {
                journal.close();
            }
        }
    }

    private synchronized boolean take(Holder me) {
        if (worker.isEmpty()) {
            worker = Optional.of(me);
            return true;
        }
        return false;
    }

    private synchronized Optional<Holder> worker() {
        return worker;
    }

    private synchronized void become(Optional<Holder> other) {
        worker = other;
    }

    @Override
    public void close() {
        held.close();
    }

    private final class Turn implements Hold, Patience.Lock {
        private final Holder me;

        Turn(Holder me) {
            this.me = me;
        }

        @Override
        public boolean take() {
            return Tenure.this.take(me);
        }

        @Override
        public Optional<Holder> holder() {
            return worker();
        }

        @Override
        public void busyWith(List<DomainId> vms) {
            become(Optional.of(Holder.me(me.purpose(), vms)));
        }

        @Override
        public void close() {
            become(Optional.empty());
        }
    }
}
