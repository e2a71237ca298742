package io.stillframe.guest;

/**
 * Why a call to a virtual machine failed: one vocabulary over libvirt's error numbers, which differ between versions.
 * The sentence beside each names the libvirt codes it stands for (libvirt's {@code virterror.h}).
 */
public enum GuestFailure {
    /** 42: no domain of that name or UUID. */
    NO_SUCH_DOMAIN(false),
    /** 55: the domain is off, or paused where it must run. */
    NOT_RUNNING(false),
    /** 74 on an agent call: the domain has no agent channel. */
    AGENT_NOT_CONFIGURED(false),
    /** 86: the agent does not answer; before libvirt 11.2 a command that timed out as well, so it may run later. */
    AGENT_UNRESPONSIVE(true),
    /** 112: the agent took the command but did not answer in time; the guest may still execute it. */
    AGENT_TIMEOUT(true),
    /** 113 from libvirt 11.2, before it 1 on an agent call: the agent answered with an error. */
    AGENT_COMMAND_FAILED(false),
    /** 68: another job holds the domain. */
    LOCKED(false),
    /** 3, 67, 84, and 74 elsewhere: the hypervisor or this libvirt cannot do that. */
    UNSUPPORTED(false),
    /** The connection to libvirtd broke or could not be made. */
    CONNECTION_LOST(true),
    /** The call outlived its deadline on our side; it may still be under way. */
    DEADLINE(true),
    /** The answer was not of the form the protocol promises: a broken or hostile agent. */
    BAD_REPLY(true),
    /** libvirt refused for a reason of its own: its message says which. */
    REJECTED(false);

    private final boolean effectUnknown;

    GuestFailure(boolean effectUnknown) {
        this.effectUnknown = effectUnknown;
    }

    /** Whether the call may have had, or may still have, its effect: then only asking the VM gives the truth. */
    public boolean effectUnknown() {
        return effectUnknown;
    }
}
