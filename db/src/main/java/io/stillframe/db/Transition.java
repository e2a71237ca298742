package io.stillframe.db;

import java.time.Instant;

/** A state that a run reached, and when. */
public record Transition(RunState state, Instant at) {}
