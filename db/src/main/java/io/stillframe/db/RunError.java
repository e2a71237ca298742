package io.stillframe.db;

/**
 * Why a run did not bring what was asked for.
 *
 * @param code a stable name
 * @param message what happened, to which machine, with what consequence
 * @param hint the next action
 */
public record RunError(String code, String message, String hint) {}
