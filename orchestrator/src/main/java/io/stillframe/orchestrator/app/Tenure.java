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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The state directory as a daemon has it: for as long as it lives. What works in it has its turn, one after the other, as
 * processes have theirs; what only looks shares the journal with whoever works. A job on a snapshot gives its turn away
 * while data is moved, and keeps its machine: whoever has the turn knows that every open lease and every unfinished run is
 * nobody's who lives, and of an unfinished job as soon as it has the job's machine.
 */
final class Tenure implements AutoCloseable {
    private final Path directory;
    private final StateDirectory held;
    private Optional<Held> worker = Optional.empty();
    private final Map<UUID, Held> machines = new HashMap<>();
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
        return taken(new Turn(Holder.me(purpose, vms)), patience);
    }

    /**
     * Holds a machine against all others in this process, until it is closed.
     *
     * @throws CommandFailed when another has it; that is not waited for
     */
    Hold machine(String purpose, DomainId vm, Patience patience) {
        return taken(new Machine(Holder.me(purpose, List.of(vm)), vm.uuid()), patience);
    }

    private Hold taken(Held held, Patience patience) {
        try {
            patience.take(held, directory, held.me);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return held;
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

    /**
     * The journal, opened by the first who asks; opening one reads all of it. Closed by the last who {@link #leave}s where
     * that is worth it, and with the tenure.
     */
    synchronized Journal journal() {
        if (journal == null) {
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
            if (readers == 0 && journal.isWorn()) {
                closeJournal();
            }
        }
    }

    private synchronized void closeJournal() {
        Journal closed = journal;
        journal = null;
        if (closed != null) {
            closed.close();
        }
    }

    @Override
    public void close() {
        try (held) {
            closeJournal();
        }
    }

    /** What one at a time has in this process. */
    private abstract static class Held implements Hold, Patience.Lock {
        Holder me;

        Held(Holder me) {
            this.me = me;
        }
    }

    private final class Turn extends Held {
        Turn(Holder me) {
            super(me);
        }

        @Override
        public boolean take() {
            synchronized (Tenure.this) {
                boolean free = worker.isEmpty();
                worker = free ? Optional.of(this) : worker;
                return free;
            }
        }

        @Override
        public Optional<Holder> holder() {
            synchronized (Tenure.this) {
                return worker.map(of -> of.me);
            }
        }

        @Override
        public void busyWith(List<DomainId> vms) {
            synchronized (Tenure.this) {
                me = Holder.me(me.purpose(), vms);
            }
        }

        @Override
        public void close() {
            synchronized (Tenure.this) {
                worker = worker.filter(of -> of != this);
            }
        }
    }

    private final class Machine extends Held {
        private final UUID vm;

        Machine(Holder me, UUID vm) {
            super(me);
            this.vm = vm;
        }

        @Override
        public boolean take() {
            synchronized (Tenure.this) {
                return machines.putIfAbsent(vm, this) == null;
            }
        }

        @Override
        public Optional<Holder> holder() {
            synchronized (Tenure.this) {
                return Optional.ofNullable(machines.get(vm)).map(of -> of.me);
            }
        }

        @Override
        public void busyWith(List<DomainId> vms) {
            // with the one that it is of
        }

        @Override
        public void close() {
            synchronized (Tenure.this) {
                machines.remove(vm, this);
            }
        }
    }
}
