package io.stillframe.orchestrator.cli;

import io.stillframe.db.RunId;
import io.stillframe.db.Snapshot;
import io.stillframe.orchestrator.life.ListSnapshots.Standing;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The snapshots of one machine, each below the one that its images came from, and the machine itself where it is now. */
record SnapshotTree(List<Line> lines) {
    /** @param standing empty for the machine itself */
    record Line(String indent, Optional<Standing> standing) {}

    static SnapshotTree of(List<Standing> ofOneMachine) {
        List<Standing> oldestFirst = ofOneMachine.stream()
                .sorted(Comparator.comparing(standing -> standing.snapshot().takenAt()))
                .toList();
        Set<RunId> known =
                oldestFirst.stream().map(standing -> standing.snapshot().run()).collect(Collectors.toSet());
        List<Line> lines = new ArrayList<>();
        Set<RunId> drawn = new HashSet<>();
        for (Standing standing : oldestFirst) {
            // the root of a lineage; a parent that is in no list, or a circle, must not hide anything
            if (standing.snapshot().parent().filter(known::contains).isEmpty()) {
                draw(standing, "", "", oldestFirst, drawn, lines);
            }
        }
        oldestFirst.stream()
                .filter(standing -> !drawn.contains(standing.snapshot().run()))
                .forEach(standing -> draw(standing, "", "", oldestFirst, drawn, lines));
        return new SnapshotTree(lines);
    }

    private static void draw(
            Standing standing, String first, String below, List<Standing> all, Set<RunId> drawn, List<Line> lines) {
        Snapshot snapshot = standing.snapshot();
        if (!drawn.add(snapshot.run())) {
            return;
        }
        lines.add(new Line(first, Optional.of(standing)));
        List<Standing> children = all.stream()
                .filter(other -> other.snapshot().parent().equals(Optional.of(snapshot.run())))
                .toList();
        for (int i = 0; i < children.size(); i++) {
            boolean last = i == children.size() - 1 && !standing.head();
            draw(children.get(i), below + (last ? "└─ " : "├─ "), below + (last ? "   " : "│  "), all, drawn, lines);
        }
        if (standing.head()) {
            lines.add(new Line(below + "└─ ", Optional.empty()));
        }
    }
}
