package io.stillframe.orchestrator.cli;

import io.stillframe.db.Journal;
import io.stillframe.db.RunVolume;
import io.stillframe.db.Snapshot;
import io.stillframe.db.SnapshotState;
import io.stillframe.orchestrator.life.ListSnapshots;
import io.stillframe.orchestrator.life.ListSnapshots.Listing;
import io.stillframe.orchestrator.life.ListSnapshots.Standing;
import io.stillframe.storage.Condition;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code snapshots [VM]}. */
@Command(
        name = "snapshots",
        description =
                "Show the snapshots of each machine as a tree, with the space that they take and where the machine "
                        + "is now. With --json a list, the newest first.")
final class SnapshotsCommand extends SiteCommand {
    /** A backend that answers does so in well under a second; the list must come even where one hangs. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    @Parameters(paramLabel = "VM", arity = "0..1", description = "only this machine's, by name or UUID")
    private String vm;

    @Mixin
    private final Newest newest = new Newest();

    @Override
    ExitStatus run(Site site, Output output) {
        int limit = newest.limit();
        Journal journal = journalToLookAt(site, output, "snapshots");
        ListSnapshots list = new ListSnapshots(journal, site::machines, site.timing(), PATIENCE);
        Listing listing = vm == null ? list.newest(limit) : list.of(vm);
        if (json()) {
            output.json(Views.Snapshots.of(listing));
        } else if (listing.snapshots().isEmpty()) {
            output.line(vm == null ? "no snapshots" : "no snapshots of vm '%s'".formatted(vm));
        } else {
            trees(listing.snapshots(), output);
        }
        if (vm == null) {
            newest.complain("snapshots", listing.snapshots().size(), output);
        }
        double warning = site.settings().space().poolWarning().share();
        listing.snapshots().forEach(standing -> complain(standing, warning, output));
        listing.concerns()
                .forEach((name, checks) -> checks.forEach(check ->
                        output.complaint("warning: vm '%s', %s: %s".formatted(name, check.check(), check.detail()))));
        return ExitStatus.DONE;
    }

    private static void trees(List<Standing> standings, Output output) {
        Map<UUID, List<Standing>> byMachine = new LinkedHashMap<>();
        standings.forEach(standing -> byMachine
                .computeIfAbsent(standing.snapshot().vm(), any -> new ArrayList<>())
                .add(standing));
        byMachine.values().forEach(ofOne -> {
            output.line("vm '%s'".formatted(ofOne.get(0).snapshot().vmName()));
            output.table(
                    List.of("SNAPSHOT", "TAKEN", "CONSISTENCY", "STATE", "SPACE", "FULL"),
                    SnapshotTree.of(ofOne).lines().stream()
                            .map(SnapshotsCommand::row)
                            .toList());
        });
    }

    private static List<String> row(SnapshotTree.Line line) {
        if (line.standing().isEmpty()) {
            return List.of(line.indent() + "now", "", "", "", "", "");
        }
        Standing standing = line.standing().get();
        Snapshot snapshot = standing.snapshot();
        return List.of(
                line.indent() + snapshot.id(),
                snapshot.takenAt().truncatedTo(ChronoUnit.SECONDS).toString(),
                snapshot.consistency().label(),
                state(standing),
                size(standing.bytes()),
                fill(fullest(standing)));
    }

    private static String state(Standing standing) {
        if (standing.snapshot().state() != SnapshotState.PRESENT) {
            return standing.snapshot().state().name().toLowerCase(Locale.ROOT);
        }
        boolean absent = standing.volumes().values().stream().anyMatch(Condition.Absent.class::isInstance);
        boolean unknown = standing.volumes().values().stream().anyMatch(Condition.Unknown.class::isInstance);
        if (absent || unknown) {
            return absent ? "absent" : "unknown";
        }
        return standing.snapshot().openedAt().isPresent() ? "open" : "present";
    }

    /** What is wrong, or will be soon, volume by volume. */
    private static void complain(Standing standing, double warning, Output output) {
        standing.volumes()
                .forEach((volume, condition) -> complaint(volume, condition, warning)
                        .ifPresent(what -> output.complaint("warning: snapshot %s of vm '%s', %s: %s"
                                .formatted(
                                        standing.snapshot().id(),
                                        standing.snapshot().vmName(),
                                        volume.disk(),
                                        what))));
    }

    private static Optional<String> complaint(RunVolume volume, Condition condition, double warning) {
        if (condition instanceof Condition.Lost lost) {
            return Optional.of("lost: " + lost.reason());
        }
        if (condition instanceof Condition.Unknown unknown) {
            return Optional.of("cannot be looked at: " + unknown.reason());
        }
        if (condition instanceof Condition.Absent) {
            return Optional.of("%s is not there; where its storage is, it is lost".formatted(volume.snapshot()));
        }
        OptionalDouble fill = ((Condition.Present) condition).fill();
        return fill.isPresent() && fill.getAsDouble() >= warning
                ? Optional.of("its space is %s full; the snapshot is lost when it is full".formatted(fill(fill)))
                : Optional.empty();
    }

    private static OptionalDouble fullest(Standing standing) {
        return standing.volumes().values().stream()
                .filter(Condition.Present.class::isInstance)
                .map(condition -> ((Condition.Present) condition).fill())
                .filter(OptionalDouble::isPresent)
                .mapToDouble(OptionalDouble::getAsDouble)
                .max();
    }

    private static String fill(OptionalDouble fill) {
        return fill.isPresent() ? String.format(Locale.ROOT, "%.0f%%", fill.getAsDouble() * 100) : "-";
    }

    private static String size(OptionalLong bytes) {
        if (bytes.isEmpty()) {
            return "-";
        }
        double size = bytes.getAsLong();
        for (String unit : List.of("B", "KiB", "MiB", "GiB", "TiB")) {
            if (size < 1024) {
                return String.format(Locale.ROOT, unit.equals("B") ? "%.0f %s" : "%.1f %s", size, unit);
            }
            size /= 1024;
        }
        return String.format(Locale.ROOT, "%.1f PiB", size);
    }
}
