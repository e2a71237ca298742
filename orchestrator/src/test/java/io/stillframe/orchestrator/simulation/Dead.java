package io.stillframe.orchestrator.simulation;

/** Thrown by whatever a killed process calls, so that nothing of what it still executes has any effect. */
final class Dead extends Error {
    private static final long serialVersionUID = 1;

    Dead() {
        super("killed", null, false, false);
    }
}
