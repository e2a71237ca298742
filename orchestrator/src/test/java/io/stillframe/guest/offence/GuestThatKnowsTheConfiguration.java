package io.stillframe.guest.offence;

import io.stillframe.config.Settings;

/** Breaks a rule, to show that the rule can be broken. */
public record GuestThatKnowsTheConfiguration(Settings settings) {}
