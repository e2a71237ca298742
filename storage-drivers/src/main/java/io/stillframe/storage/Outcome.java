package io.stillframe.storage;

/** How an effect on storage ended. An effect whose answer was lost is {@link Indeterminate}, never "failed". */
public sealed interface Outcome {
    /** The effect was made now. */
    record Done() implements Outcome {}

    /** The effect was there already, made by an earlier call for the same label. */
    record AlreadyDone() implements Outcome {}

    /** The effect was not made and nothing was changed. */
    record Refused(String reason) implements Outcome {}

    /**
     * Whether the effect was made is not known. Nobody guesses: a run whose snapshot ends so is rolled back, which needs no
     * answer, and whatever has to be carried through is asked for again.
     */
    record Indeterminate(String reason) implements Outcome {}

    /** Whether the effect is there, made now or before. */
    default boolean settled() {
        return this instanceof Done || this instanceof AlreadyDone;
    }

    /** Why the effect is not known to be there; empty where it is. */
    default String because() {
        if (this instanceof Refused refused) {
            return refused.reason();
        }
        return this instanceof Indeterminate unknown ? unknown.reason() : "";
    }

    /** Of two effects that belong together: what is not known outweighs what was refused, and that what was done. */
    default Outcome and(Outcome other) {
        return other.weight() > weight() ? other : this;
    }

    private int weight() {
        if (this instanceof Indeterminate) {
            return 3;
        }
        if (this instanceof Refused) {
            return 2;
        }
        return this instanceof Done ? 1 : 0;
    }
}
