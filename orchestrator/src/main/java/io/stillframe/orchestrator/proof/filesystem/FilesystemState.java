package io.stillframe.orchestrator.proof.filesystem;

import java.util.List;
import java.util.stream.Collectors;

/** Whether a filesystem was at rest, as far as its disk can tell. */
public sealed interface FilesystemState {
    /** At rest, by this mark. */
    record Clean(Mark mark, List<Value> seen) implements FilesystemState {
        public Clean {
            seen = List.copyOf(seen);
        }

        @Override
        public String toString() {
            return "clean, " + mark.meaning() + ": " + text(seen);
        }
    }

    /** Not at rest, or damaged. */
    record Dirty(String reason, List<Value> seen) implements FilesystemState {
        public Dirty {
            seen = List.copyOf(seen);
        }

        @Override
        public String toString() {
            return "not clean, " + reason + (seen.isEmpty() ? "" : ": " + text(seen));
        }
    }

    /** The disk cannot tell: nothing may be claimed. */
    record Unprovable(String reason) implements FilesystemState {
        @Override
        public String toString() {
            return "not provable, " + reason;
        }
    }

    /** How much a clean filesystem's mark says. */
    enum Mark {
        /** Its kernel makes it only when nothing is under way: frozen, unmounted, read-only, or idle for a while. */
        AT_REST("at rest"),
        /**
         * What is there is whole and nothing waits to be replayed; but a filesystem that is being written to can look
         * like that between two commits, so this shows damage and not a freeze that did not hold.
         */
        COMMITTED("nothing to replay");

        private final String meaning;

        Mark(String meaning) {
            this.meaning = meaning;
        }

        public String meaning() {
            return meaning;
        }
    }

    /** One thing that was looked at, with what was seen. */
    record Value(String name, String seen) {
        static Value of(String name, Object seen) {
            return new Value(name, String.valueOf(seen));
        }

        @Override
        public String toString() {
            return name + " " + seen;
        }
    }

    private static String text(List<Value> values) {
        return values.stream().map(Value::toString).collect(Collectors.joining(", "));
    }
}
