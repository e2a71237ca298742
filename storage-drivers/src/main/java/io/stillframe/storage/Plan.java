package io.stillframe.storage;

/** The answer to a wish, before anything is touched. */
public sealed interface Plan {
    /** It can be done, like this. */
    record Ready(Change change) implements Plan {}

    /** It cannot be done now. */
    record Refused(String reason, String hint) implements Plan {}
}
