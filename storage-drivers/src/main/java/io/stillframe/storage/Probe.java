package io.stillframe.storage;

import java.util.List;

/** What a driver says of a volume before a run: nothing is touched by asking. */
public sealed interface Probe {
    /** Another driver may know this kind of volume; this one does not. */
    record NotMine() implements Probe {}

    /** A snapshot can be taken now. */
    record Usable(List<String> warnings) implements Probe {
        public Usable {
            warnings = List.copyOf(warnings);
        }
    }

    /** This driver's kind of volume, but no snapshot can be taken now. */
    record Unusable(String reason, String hint) implements Probe {}
}
