package io.stillframe.storage;

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
     */
    record Present(OptionalLong bytes, OptionalDouble fill) implements Condition {}

    /** Its content is no more, though something of it is still there: an overflowed LVM snapshot. */
    record Lost(String reason) implements Condition {}

    /** Nothing of it is there. */
    record Absent() implements Condition {}

    /** The backend did not tell. */
    record Unknown(String reason) implements Condition {}
}
