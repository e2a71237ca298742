package io.stillframe.orchestrator.cli;

import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.orchestrator.life.Meters;
import io.stillframe.storage.Meter;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Function;

/** Shows work on a terminal, on one line that is gone when the work has ended. */
final class ProgressBars implements Meters {
    /** Faster than the eye reads is only noise, and some terminals are at the end of a slow line. */
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

    private static final int NARROWEST = 10;
    private static final int WIDEST = 40;

    private final PrintStream err;
    private final int columns;
    private final Timing timing;

    private ProgressBars(PrintStream err, int columns, Timing timing) {
        this.err = err;
        this.columns = columns;
        this.timing = timing;
    }

    /** Bars on the terminal that errors go to; nothing where they go elsewhere, or the result is for a program. */
    static Meters at(Site site, Output output, boolean json) {
        return json || site.terminal().columns().isEmpty()
                ? Meters.NONE
                : new ProgressBars(output.errors(), site.terminal().columns().getAsInt(), site.timing());
    }

    @Override
    public <T> T during(String what, Function<Meter, T> work) {
        Bar bar = new Bar(Output.printable(what));
        try {
            return work.apply(bar);
        } finally {
            bar.wipe();
        }
    }

    private final class Bar implements Meter {
        private final String what;
        private final long start = timing.nanos();
        private long shownAt;
        private boolean shown;

        Bar(String what) {
            this.what = what;
        }

        @Override
        public void at(long done, long total) {
            if (shown && timing.since(shownAt).compareTo(BETWEEN_LOOKS) < 0) {
                return;
            }
            shown = true;
            shownAt = timing.nanos();
            err.print("\r" + padded(line(done, total)));
            err.flush();
        }

        void wipe() {
            if (shown) {
                err.print("\r" + padded("") + "\r");
                err.flush();
            }
        }

        private String line(long done, long total) {
            double share = total <= 0 ? 0 : Math.min(1, Math.max(0, (double) done / total));
            String end = String.format(Locale.ROOT, " %3.0f%%%s", Math.floor(share * 100), left(share));
            int room = Math.min(WIDEST, columns - 1 - what.length() - end.length() - 3);
            if (room < NARROWEST) {
                return what + end;
            }
            int full = (int) (share * room);
            return "%s [%s%s]%s".formatted(what, "#".repeat(full), "-".repeat(room - full), end);
        }

        /** By what it took so far; not said before there is something to say. */
        private String left(double share) {
            Duration since = timing.since(start);
            if (share < 0.01 || since.toSeconds() < 1) {
                return "";
            }
            long seconds = (long) (since.toMillis() / 1000.0 * (1 - share) / share);
            return seconds < 3600
                    ? String.format(Locale.ROOT, "  %d:%02d left", seconds / 60, seconds % 60)
                    : String.format(Locale.ROOT, "  %d:%02d h left", seconds / 3600, seconds / 60 % 60);
        }

        /** As wide as the terminal, so that nothing of the line before it is left; one less, or some wrap. */
        private String padded(String line) {
            int width = Math.max(1, columns - 1);
            return line.length() > width ? line.substring(0, width) : line + " ".repeat(width - line.length());
        }
    }
}
