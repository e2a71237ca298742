package io.stillframe.orchestrator.workflow;

/** What can go wrong, by the name that the journal keeps and {@code --json} prints. Names never change their meaning. */
public enum ErrorCode {
    /** libvirt knows no machine of that name or UUID. */
    UNKNOWN_VM,
    /** libvirt does not answer. */
    HYPERVISOR_UNREACHABLE,
    /** The configuration is not valid. */
    CONFIGURATION,
    /** This host lacks something that every run needs. */
    HOST,
    /** Another Stillframe process holds the machine or the state directory. */
    HELD,
    /** The machine is in a state in which no snapshot can be taken. */
    VM_STATE,
    /** The machine's definition ends with the machine. */
    VM_TRANSIENT,
    /** No agent is configured, answers, or may freeze. */
    AGENT,
    /** The guest is frozen already, by somebody else. */
    ALREADY_FROZEN,
    /** A disk cannot be snapshotted. */
    DISK,
    /** Nothing of the machine could be snapshotted. */
    NO_DISK,
    /** What the run needs could not be made ready. */
    PREPARE,
    /** The freeze failed, timed out, or left filesystems out. */
    FREEZE,
    /** The applications in the guest could not be told of the freeze, or did not hold. */
    HOOK,
    /** The storage backend refused or did not answer. */
    SNAPSHOT,
    /** The snapshot is there, but the machine or its definition does not go on where it must. */
    UPDATE,
    /** The thaw could not be confirmed. */
    THAW,
    /** What was proved is less than what was required. */
    CONSISTENCY,
    /** Another machine of its group has no snapshot, or not of the same instant. */
    GROUP,
    /** What a failed run left could not be removed. */
    ROLL_BACK,
    /** The journal knows no such run or snapshot. */
    UNKNOWN_RUN,
    /** An earlier run of the machine, or work on a snapshot of it, could not be brought to its end. */
    UNSETTLED,
    /** The snapshot is lost, is being removed, or is read on this host. */
    SNAPSHOT_STATE,
    /** The storage does not do what was asked with a snapshot. */
    STORAGE,
    /** The domain of a clone could not be defined, or a definition not be changed. */
    DEFINITION,
    /** What the operator has to confirm was not confirmed. */
    UNCONFIRMED,
    /** Something that had to come before it failed. */
    NOT_TRIED,
    /** Given up by the operator, as it is. */
    ABANDONED,
    /** Its process ended before it did. */
    CUT_SHORT,
    /** Ended by the operator. */
    INTERRUPTED,
    /** The journal is damaged. */
    JOURNAL_UNREADABLE,
    /** The journal could not be written or read. */
    JOURNAL
}
