package io.stillframe.orchestrator.cli;

import io.stillframe.config.Durations;
import io.stillframe.db.Journal;
import io.stillframe.db.Snapshot;
import io.stillframe.orchestrator.evidence.DeepLook;
import io.stillframe.orchestrator.evidence.ReadDisk;
import io.stillframe.orchestrator.life.VerifySnapshot;
import io.stillframe.orchestrator.life.VerifySnapshot.Verified;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** {@code verify SNAPSHOT}. */
@Command(
        name = "verify",
        description = "Look at a snapshot's own disks again, and say whether they bear out the class that is recorded. "
                + "Nothing is changed. Exit status 1 if they do not.")
final class VerifyCommand extends JobCommand {
    @Parameters(paramLabel = "SNAPSHOT", description = Selection.FORMS)
    private String named;

    @Option(
            names = "--deep",
            description =
                    "run the filesystems' own checkers as well, to read alone: they take minutes, and parse as this "
                            + "user what the guest has written")
    private boolean deep;

    @Option(
            names = "--deep-limit",
            paramLabel = "TIME",
            converter = Limit.class,
            defaultValue = "30m",
            description = "how long a checker may take for one filesystem (${DEFAULT-VALUE})")
    private Duration deepLimit;

    @Override
    ExitStatus run(Site site, Output output) {
        Journal journal = journal(site, output, "verify", List.of());
        Snapshot snapshot = Selection.of(journal, () -> site.machines().hypervisor(), named);
        return onSettled(site, output, new Settled("verify", journal, snapshot), settled -> {
            Verified verified = new VerifySnapshot(
                            workplace(site, output, journal, OptionalLong.empty()),
                            new ReadDisk(site.timing()),
                            deep ? Optional.of(new DeepLook(site.commands(), deepLimit)) : Optional.empty())
                    .of(settled);
            print(settled, verified, output);
            if (verified.problem().isEmpty()) {
                return ExitStatus.DONE;
            }
            return verified.looked() ? ExitStatus.FAILED : ExitStatus.REFUSED;
        });
    }

    /** Checkers of large filesystems take hours. */
    private static final class Limit implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String value) {
            return Durations.parse(value)
                    .filter(limit -> !limit.isZero())
                    .orElseThrow(() -> new TypeConversionException(
                            "'%s' is not a length of time such as 90s or 2h".formatted(value)));
        }
    }

    private void print(Snapshot snapshot, Verified verified, Output output) {
        if (json()) {
            output.json(LifeViews.VerifiedView.of(snapshot, verified));
        } else if (verified.looked()) {
            output.line("snapshot %s  vm '%s'  recorded as %s: %s"
                    .formatted(
                            snapshot.id(),
                            snapshot.vmName(),
                            snapshot.consistency().label(),
                            verified.problem().isEmpty() ? "borne out" : "NOT borne out"));
            TakenText.evidence(output, verified.evidence());
        }
        tell(verified.problem(), output);
    }
}
