package io.stillframe.storage;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** How it is with the volume of a snapshot. */
public sealed interface Condition {
    /**
     * It can be read.
     *
     * @param bytes the space that it really takes, as far as the backend tells
     * @param fill how full the space is that was set aside for it, from 0 to 1; at 1 it is lost. Empty where it shares
     *     the backend's free space
     * @param sharedAs what takes these bytes for several volumes at once; empty where they are this volume's alone
     */
    record Present(OptionalLong bytes, OptionalDouble fill, Optional<String> sharedAs) implements Condition {
        /** Of a volume whose space is its own. */
        public Present(OptionalLong bytes, OptionalDouble fill) {
            this(bytes, fill, Optional.empty());
        }
    }

    /** Its content is no more, though something of it is still there: an overflowed LVM snapshot. */
    record Lost(String reason) implements Condition {}

    /** Nothing of it is there. */
    record Absent() implements Condition {}

    /** The backend did not tell. */
    record Unknown(String reason) implements Condition {}
}
