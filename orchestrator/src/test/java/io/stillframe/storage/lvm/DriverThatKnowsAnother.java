package io.stillframe.storage.lvm;

import io.stillframe.storage.qcow2.Qcow2Driver;

/** Breaks a rule, to show that the rule can be broken. */
public record DriverThatKnowsAnother(Qcow2Driver other) {}
