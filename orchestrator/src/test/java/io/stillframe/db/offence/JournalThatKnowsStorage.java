package io.stillframe.db.offence;

import io.stillframe.storage.Volume;

/** Breaks a rule, to show that the rule can be broken. */
public record JournalThatKnowsStorage(Volume volume) {}
