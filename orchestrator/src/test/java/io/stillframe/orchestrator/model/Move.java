package io.stillframe.orchestrator.model;

/** Something that may happen in a situation. */
record Move(String name, By by, Situation next) {
    /** By whose doing it happens. */
    enum By {
        HOLDER,
        SENTINEL,
        GUEST,
        /** A later process. */
        RECOVERY,
        /** Something breaks, which it need not. */
        BREAK,
        /** What was lost comes back, as it does sooner or later. */
        RETURN,
        /** Somebody starts what had ended, which nobody need. */
        OPERATOR
    }
}
