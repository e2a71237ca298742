package io.stillframe.storage;

import java.util.Optional;

/** The answer to a wish, before anything is touched. */
public sealed interface Plan {
    /**
     * It can be done, like this.
     *
     * @param demand the room that it takes beside what other volumes take; empty where it takes next to none
     */
    record Ready(Change change, Optional<Demand> demand) implements Plan {
        /** One that takes next to no room. */
        public Ready(Change change) {
            this(change, Optional.empty());
        }
    }

    /** It cannot be done now. */
    record Refused(String reason, String hint) implements Plan {}
}
