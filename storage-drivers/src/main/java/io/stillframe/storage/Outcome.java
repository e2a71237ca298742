package io.stillframe.storage;

/** How an effect on storage ended. An effect whose answer was lost is {@link Indeterminate}, never "failed". */
public sealed interface Outcome {
    /** The effect was made now. */
    record Done() implements Outcome {}

    /** The effect was there already, made by an earlier call for the same label. */
    record AlreadyDone() implements Outcome {}

    /** The effect was not made and nothing was changed. */
    record Refused(String reason) implements Outcome {}

    /** Whether the effect was made is not known: {@link StorageDriver#find} tells, once the backend answers again. */
    record Indeterminate(String reason) implements Outcome {}
}
