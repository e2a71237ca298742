package org.quartz;

/** Stands for a library that the tests do not have, so that a rule against it can be broken. */
public interface Stand {}
