package io.stillframe.orchestrator.cli;

import io.stillframe.db.Journal;
import io.stillframe.db.RunId;
import io.stillframe.db.Snapshot;
import io.stillframe.guest.DomainId;
import io.stillframe.orchestrator.life.Pace;
import io.stillframe.orchestrator.life.Workplace;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.Problem;
import java.security.SecureRandom;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Supplier;

/** A command that works on a snapshot: finds it, holds its machine, settles what was interrupted before. */
abstract class JobCommand extends SiteCommand {
    private static final SecureRandom RANDOM = new SecureRandom();

    static RunId newId() {
        return RunId.random(RANDOM);
    }

    Workplace workplace(Site site, Output output, Journal journal, OptionalLong bytesPerSecond) {
        return new Workplace(
                journal,
                site.machines(),
                site.clock(),
                new Pace(bytesPerSecond, ProgressBars.at(site, output, json()), site.interrupted(), site::letOthers));
    }

    /**
     * Does work on a snapshot of a journal that is open, undisturbed, once nothing is left undone on its machine.
     *
     * @param gone what to say where that has brought the snapshot to its end already
     */
    ExitStatus onSettled(
            Site site, Output output, Settled settled, Function<Snapshot, ExitStatus> work, Supplier<ExitStatus> gone) {
        Snapshot snapshot = settled.snapshot();
        return site.uninterrupted(() -> {
            hold(site, settled.purpose(), snapshot);
            ReconcileCommand.settle(
                            site,
                            settled.journal(),
                            List.of(new DomainId(snapshot.vm(), snapshot.vmName())),
                            ProgressBars.at(site, output, json()))
                    .forEach(output::note);
            return Selection.again(settled.journal(), snapshot.run()).map(work).orElseGet(gone);
        });
    }

    /**
     * What is to be settled, and for what.
     *
     * @param purpose the command's name, for those who find the machine held
     */
    record Settled(String purpose, Journal journal, Snapshot snapshot) {}

    ExitStatus onSettled(Site site, Output output, Settled settled, Function<Snapshot, ExitStatus> work) {
        return onSettled(site, output, settled, work, () -> {
            throw CommandFailed.refused(
                    ErrorCode.UNKNOWN_RUN,
                    "snapshot %s is no more: its removal has just been finished"
                            .formatted(settled.snapshot().id()),
                    "see 'stillframe snapshots'");
        });
    }

    private static void hold(Site site, String purpose, Snapshot snapshot) {
        try {
            site.hold(purpose, List.of(new DomainId(snapshot.vm(), snapshot.vmName())));
        } catch (CommandFailed e) {
            if (site.interrupted().getAsBoolean()) {
                throw new CommandFailed(ExitStatus.INTERRUPTED, e.problem());
            }
            throw e;
        }
    }

    /** An error on stderr, where there is one. */
    static void tell(java.util.Optional<Problem> problem, Output output) {
        problem.ifPresent(output::error);
    }
}
