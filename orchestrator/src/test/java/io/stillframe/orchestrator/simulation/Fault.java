package io.stillframe.orchestrator.simulation;

/** How a single call goes wrong. */
enum Fault {
    /** Nothing happens but a failure. */
    REFUSED,
    /** It happens, and a failure is answered. */
    REPLY_LOST,
    /** It happens, later than whoever asked for it waits. */
    LATE,
    /** It takes its time. */
    SLOW
}
