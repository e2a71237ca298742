package io.stillframe.orchestrator.simulation;

/** What keeps a guest from staying frozen, or its applications from waiting for ever, to be switched off in a world that must then break its promises. */
enum Safeguard {
    /** The sentinel acts at its deadline and at its holder's end. */
    SENTINEL,
    /** The guest thaws itself. */
    SWITCH,
    /** The guest ends the hold of its applications. */
    HOLD,
    /** Whoever starts next releases and recovers what was left. */
    RECONCILE
}
