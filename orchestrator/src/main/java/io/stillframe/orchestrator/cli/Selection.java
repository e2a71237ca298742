package io.stillframe.orchestrator.cli;

import io.stillframe.db.Journal;
import io.stillframe.db.RunId;
import io.stillframe.db.Snapshot;
import io.stillframe.db.SnapshotState;
import io.stillframe.guest.Domain;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.guest.Hypervisor;
import io.stillframe.orchestrator.workflow.ErrorCode;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A snapshot as users name it: its id, an unambiguous beginning of it, or {@code VM@latest}. */
final class Selection {
    static final String FORMS = "a snapshot's id, an unambiguous beginning of it, or VM@latest";

    private static final Pattern ID = Pattern.compile("(sf-)?([0-9a-z]{1,12})");
    private static final Pattern LATEST = Pattern.compile("(?s)(.+)@latest");

    private Selection() {}

    /**
     * Finds it.
     *
     * @param hypervisor is asked only which machine has a name now
     * @throws CommandFailed when there is none, or more than one
     */
    static Snapshot of(Journal journal, Supplier<Hypervisor> hypervisor, String named) {
        Matcher latest = LATEST.matcher(named);
        return latest.matches() ? latest(journal, hypervisor.get(), latest.group(1)) : of(journal, named);
    }

    /** The journal knows a machine by the name that it had: by now another one may be called like it. */
    private static Snapshot latest(Journal journal, Hypervisor hypervisor, String vm) {
        String machine = named(hypervisor, vm).map(UUID::toString).orElse(vm);
        List<Snapshot> present = journal.snapshots(Optional.of(machine)).stream()
                .filter(snapshot -> snapshot.state() == SnapshotState.PRESENT)
                .toList();
        if (present.stream().map(Snapshot::vm).distinct().count() > 1) {
            throw CommandFailed.refused(
                    ErrorCode.UNKNOWN_VM,
                    "several machines that are no more were called '%s'; nothing was touched".formatted(vm),
                    "see 'stillframe snapshots', and give the snapshot's id");
        }
        return present.stream().findFirst().orElseThrow(() -> unknown(vm + "@latest"));
    }

    private static Optional<UUID> named(Hypervisor hypervisor, String vm) {
        try (Domain domain = hypervisor.domain(vm)) {
            return Optional.of(domain.id().uuid());
        } catch (GuestException e) {
            if (e.failure() != GuestFailure.NO_SUCH_DOMAIN) {
                throw e;
            }
            return Optional.empty();
        }
    }

    /** Only by its id. */
    static Snapshot of(Journal journal, String named) {
        Matcher id = ID.matcher(named);
        if (!id.matches()) {
            throw unknown(named);
        }
        List<Snapshot> found = journal.snapshotsLike(id.group(2));
        if (found.size() > 1) {
            throw CommandFailed.refused(
                    ErrorCode.UNKNOWN_RUN,
                    "more than one snapshot begins with '%s'; nothing was touched".formatted(named),
                    "give more of the id");
        }
        return found.stream().findFirst().orElseThrow(() -> unknown(named));
    }

    /** The same snapshot as the journal has it now; empty where it is gone. */
    static Optional<Snapshot> again(Journal journal, RunId run) {
        return journal.snapshotsLike(run.value()).stream().findFirst();
    }

    private static CommandFailed unknown(String named) {
        return CommandFailed.refused(
                ErrorCode.UNKNOWN_RUN,
                "no snapshot '%s'; nothing was touched".formatted(named),
                "see 'stillframe snapshots'");
    }
}
