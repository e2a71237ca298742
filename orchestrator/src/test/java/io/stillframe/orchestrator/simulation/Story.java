package io.stillframe.orchestrator.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What happened in a world, in order. */
final class Story {
    /** Something that happened: when, to whom. */
    private record Line(long nanos, String who, String what) {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%12.3f ms  %-14s %s", nanos / 1e6, who, what);
        }
    }

    private final List<Line> lines = new ArrayList<>();

    void add(long nanos, String who, String what) {
        lines.add(new Line(nanos, who, what));
    }

    String text() {
        StringBuilder text = new StringBuilder();
        lines.forEach(line -> text.append(line).append('\n'));
        return text.toString();
    }
}
