package io.stillframe.orchestrator.cli;

import io.stillframe.db.Journal;
import io.stillframe.db.RunId;
import io.stillframe.db.Snapshot;
import io.stillframe.db.SnapshotState;
import io.stillframe.orchestrator.workflow.ErrorCode;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A snapshot as users name it: its id, an unambiguous beginning of it, or {@code VM@latest}. */
final class Selection {
    static final String FORMS = "a snapshot's id, an unambiguous beginning of it, or VM@latest";

    private static final Pattern ID = Pattern.compile("(sf-)?([0-9a-z]{1,12})");
    private static final Pattern LATEST = Pattern.compile("(?s)(.+)@latest");

    private Selection() {}

    /** @throws CommandFailed when there is none, or more than one */
    static Snapshot of(Journal journal, String named) {
        Matcher latest = LATEST.matcher(named);
        if (latest.matches()) {
            return journal.snapshots(Optional.of(latest.group(1))).stream()
                    .filter(snapshot -> snapshot.state() == SnapshotState.PRESENT)
                    .findFirst()
                    .orElseThrow(() -> unknown(named));
        }
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
