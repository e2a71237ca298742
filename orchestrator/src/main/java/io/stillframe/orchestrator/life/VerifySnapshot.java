package io.stillframe.orchestrator.life;

import io.stillframe.db.Consistency;
import io.stillframe.db.Evidence;
import io.stillframe.db.Filesystem;
import io.stillframe.db.Intent;
import io.stillframe.db.Snapshot;
import io.stillframe.orchestrator.evidence.DeepLook;
import io.stillframe.orchestrator.evidence.DiskFinding;
import io.stillframe.orchestrator.evidence.DiskFinding.Examined;
import io.stillframe.orchestrator.evidence.ReadDisk;
import io.stillframe.orchestrator.evidence.Testimony;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.Problem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Asks a snapshot's own disks again whether they bear out the class that is recorded. Nothing is written to them, and
 * nothing of the answer is kept: what is recorded stays what it is.
 */
public final class VerifySnapshot {
    private final Workplace place;
    private final ReadDisk readDisk;
    private final Optional<DeepLook> deep;

    /** @param deep where the filesystems' own checkers are to be run as well */
    public VerifySnapshot(Workplace place, ReadDisk readDisk, Optional<DeepLook> deep) {
        this.place = place;
        this.readDisk = readDisk;
        this.deep = deep;
    }

    /**
     * What came of it.
     *
     * @param looked whether the disks could be opened at all
     * @param evidence what they said
     * @param problem empty where they agree with the recorded class
     */
    public record Verified(boolean looked, List<Evidence> evidence, Optional<Problem> problem) {}

    /** Opens every volume where it is not open already, looks, and leaves it as it was. */
    public Verified of(Snapshot snapshot) {
        OpenSnapshot opening = new OpenSnapshot(place);
        OpenSnapshot.Views views = opening.open(snapshot);
        if (views.problem().isPresent()) {
            return new Verified(false, List.of(), views.problem());
        }
        List<Evidence> evidence = new ArrayList<>();
        try {
            evidence.addAll(said(snapshot, views.paths()));
        } finally {
            if (snapshot.openedAt().isEmpty()) {
                opening.close(snapshot)
                        .problem()
                        .ifPresent(held -> evidence.add(new Evidence("view", true, held.message())));
            }
        }
        List<Evidence> doubts = evidence.stream().filter(item -> !item.ok()).toList();
        return new Verified(
                true, evidence, doubts.isEmpty() ? Optional.empty() : Optional.of(contradicted(snapshot, doubts)));
    }

    private List<Evidence> said(Snapshot snapshot, Map<String, Path> views) {
        Map<String, DiskFinding> disks = new LinkedHashMap<>();
        views.forEach((disk, view) -> disks.put(disk, readDisk.at(view)));
        List<Evidence> evidence = new ArrayList<>(weighed(snapshot, disks));
        deep.ifPresent(look -> disks.forEach((disk, finding) -> {
            if (finding instanceof Examined examined) {
                evidence.addAll(look.at(disk, views.get(disk), examined.proof()));
            }
        }));
        return evidence;
    }

    /** A snapshot that claims nothing is not contradicted by what it holds. */
    private List<Evidence> weighed(Snapshot snapshot, Map<String, DiskFinding> disks) {
        Testimony testimony = new Testimony(
                disks,
                place.journal().evidence(snapshot.run()).stream()
                        .anyMatch(item -> item.check().equals(Testimony.STANDSTILL) && item.ok()));
        List<Filesystem> held =
                place.journal().intent(snapshot.run()).map(Intent::held).orElse(List.of());
        if (snapshot.consistency() == Consistency.CRASH) {
            return testimony.ofAnything();
        }
        List<Evidence> evidence = new ArrayList<>(testimony.of(held));
        if (snapshot.consistency() == Consistency.APPLICATION) {
            evidence.addAll(applications(snapshot));
        }
        return evidence;
    }

    /** What they said at the time stays said: no disk can tell of it. */
    private List<Evidence> applications(Snapshot snapshot) {
        return place.journal().evidence(snapshot.run()).stream()
                .filter(item -> item.check().equals(Testimony.HOOK))
                .toList();
    }

    private static Problem contradicted(Snapshot snapshot, List<Evidence> doubts) {
        return new Problem(
                ErrorCode.CONSISTENCY,
                "snapshot %s of vm '%s' is recorded as '%s', and what was looked at does not bear that out; count on no more than 'crash': %s"
                        .formatted(
                                snapshot.id(),
                                snapshot.vmName(),
                                snapshot.consistency().label(),
                                doubts.stream()
                                        .map(item -> item.check() + ": " + item.detail())
                                        .collect(Collectors.joining("; "))),
                "take another snapshot; 'stillframe show %s' tells on what evidence this one was recorded"
                        .formatted(snapshot.id()));
    }
}
