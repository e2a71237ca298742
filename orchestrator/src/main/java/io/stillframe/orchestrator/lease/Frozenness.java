package io.stillframe.orchestrator.lease;

/**
 * Whether a guest is held, and how that is known.
 *
 * @param because what was seen, in words for people
 */
public record Frozenness(Answer is, String because) {
    /** What the evidence says. */
    public enum Answer {
        HELD,
        FREE,
        /** Nobody answers: it counts as held. */
        UNKNOWN
    }
}
