package io.stillframe.orchestrator.model;

import io.stillframe.db.RunState;
import io.stillframe.orchestrator.model.Move.By;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Every situation that can be reached from one, and how. */
final class StateSpace {
    /** One run's going from a state to another one. */
    record Step(RunState from, RunState to) {}

    /** What led to a situation. */
    private record Cause(Visited from, String name, By by) {}

    /** A situation, so many moves from the first one, with all that leads to it; what came first is on a shortest way. */
    private static final class Visited {
        private final Situation situation;
        private final int depth;
        private final List<Cause> causes = new ArrayList<>(4);

        Visited(Situation situation, int depth) {
            this.situation = situation;
            this.depth = depth;
        }
    }

    private final Map<Situation, Visited> visited = new LinkedHashMap<>();
    private final Deque<Visited> next = new ArrayDeque<>();
    private final Set<Step> steps = new HashSet<>();
    private long transitions;

    private StateSpace() {}

    /** Explores all of it, breadth first. */
    static StateSpace from(Situation first, Model model) {
        StateSpace space = new StateSpace();
        var unused = space.visit(first, 0);
        while (!space.next.isEmpty()) {
            Visited from = space.next.remove();
            for (Move move : model.moves(from.situation)) {
                Visited to = space.visit(move.next(), from.depth + 1);
                to.causes.add(new Cause(from, move.name(), move.by()));
                space.count(from.situation.run, move.next().run);
            }
        }
        return space;
    }

    private Visited visit(Situation situation, int depth) {
        return visited.computeIfAbsent(situation, any -> {
            Visited found = new Visited(situation, depth);
            next.add(found);
            return found;
        });
    }

    private void count(RunState from, RunState to) {
        transitions++;
        if (from != to) {
            steps.add(new Step(from, to));
        }
    }

    int situations() {
        return visited.size();
    }

    long transitions() {
        return transitions;
    }

    Set<Step> steps() {
        return steps;
    }

    /** A situation that is like this, with a shortest way to it. */
    Optional<String> find(Predicate<Situation> such) {
        return first(of -> such.test(of.situation));
    }

    /** A situation that is like this, and from which such moves alone lead to no goal. */
    Optional<String> stuck(Predicate<Situation> such, Predicate<Situation> goal, Set<By> by) {
        Deque<Visited> found = new ArrayDeque<>();
        visited.values().stream().filter(of -> goal.test(of.situation)).forEach(found::add);
        Set<Visited> able = new HashSet<>(found);
        while (!found.isEmpty()) {
            for (Cause cause : found.remove().causes) {
                if (by.contains(cause.by()) && able.add(cause.from())) {
                    found.add(cause.from());
                }
            }
        }
        return first(of -> such.test(of.situation) && !able.contains(of));
    }

    private Optional<String> first(Predicate<Visited> such) {
        return visited.values().stream().filter(such).findFirst().map(StateSpace::way);
    }

    private static String way(Visited to) {
        Deque<String> way = new ArrayDeque<>(List.of("leads to: " + to.situation));
        for (Visited now = to; now.depth > 0; now = now.causes.get(0).from()) {
            way.push(now.causes.get(0).name());
        }
        return String.join("\n", way);
    }
}
