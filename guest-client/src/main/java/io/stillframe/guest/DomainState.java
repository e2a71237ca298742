package io.stillframe.guest;

/** What a domain is doing, as far as a snapshot cares. */
public enum DomainState {
    RUNNING,
    PAUSED,
    SHUT_OFF,
    /** Crashed, suspended to RAM, shutting down: neither safely off nor able to answer. */
    OTHER
}
