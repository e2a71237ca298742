package io.stillframe.storage.offence;

import io.stillframe.guest.Domain;

/** Breaks a rule, to show that the rule can be broken. */
public record StorageThatKnowsTheGuest(Domain domain) {}
