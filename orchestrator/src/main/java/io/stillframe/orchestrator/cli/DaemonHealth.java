package io.stillframe.orchestrator.cli;

import java.time.Instant;

/**
 * How it is with a daemon; the same contract as {@link Views}.
 *
 * @param status {@code reconciling}, {@code serving}, {@code stuck} where what is due is not begun, or {@code ending}
 * @param since when it began
 */
record DaemonHealth(String status, String version, long pid, Instant since, String stateDir, int policies) {}
