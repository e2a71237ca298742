package io.stillframe.db;

/** One check that a snapshot's class rests on, with the value that was seen. */
public record Evidence(String check, boolean ok, String detail) {}
