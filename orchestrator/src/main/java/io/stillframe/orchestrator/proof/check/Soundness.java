package io.stillframe.orchestrator.proof.check;

/** What a filesystem's own checker says of it. */
public sealed interface Soundness {
    /** It found nothing that it would change. */
    record Sound(String detail) implements Soundness {}

    /** It found damage. */
    record Unsound(String detail) implements Soundness {}

    /** It did not come to an end. */
    record Undecided(String reason) implements Soundness {}
}
