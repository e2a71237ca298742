package io.stillframe.config.offence;

import io.stillframe.db.RunState;

/** Breaks a rule, to show that the rule can be broken. */
public record ConfigThatKnowsTheJournal(RunState state) {}
