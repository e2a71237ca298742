package io.stillframe.orchestrator.simulation;

/** What happens to a world, beside single calls that go wrong. */
enum Trouble {
    KILL_ORCHESTRATOR,
    KILL_SENTINEL,
    KILL_BOTH,
    STOP_ORCHESTRATOR,
    STOP_SENTINEL,
    AGENT_DIES,
    AGENT_DIES_FOR_GOOD,
    AGENT_RESTARTS,
    AGENT_HANGS,
    LIBVIRT_LOST,
    MACHINE_DIES,
    MACHINE_RESTARTS,
    JOURNAL_FULL,
    JOURNAL_REPLY_LOST,
    STATE_DIRECTORY_FULL,
    CLOCK_SET_BACK,
    THAWED_BEHIND_THE_AGENT,
    OPERATOR_THAWS,
    INTERRUPTED,
    CALLS_GO_WRONG,
    GUEST_BEGINS_TO_WRITE
}
