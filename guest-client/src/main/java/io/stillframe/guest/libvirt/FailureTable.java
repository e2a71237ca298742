package io.stillframe.guest.libvirt;

import io.stillframe.guest.GuestFailure;
import io.stillframe.guest.libvirt.LibvirtError.Channel;

/**
 * From libvirt's error numbers ({@code virterror.h}) to ours. Numbers only: the texts differ between versions and
 * languages, and may be the guest's.
 */
final class FailureTable {
    private static final int INTERNAL_ERROR = 1;
    private static final int NO_SUPPORT = 3;
    private static final int NO_CONNECT = 5;
    private static final int INVALID_CONN = 6;
    private static final int SYSTEM_ERROR = 38;
    private static final int RPC = 39;
    private static final int NO_DOMAIN = 42;
    private static final int OPERATION_INVALID = 55;
    private static final int CONFIG_UNSUPPORTED = 67;
    private static final int OPERATION_TIMEOUT = 68;
    private static final int ARGUMENT_UNSUPPORTED = 74;
    private static final int OPERATION_UNSUPPORTED = 84;
    private static final int AGENT_UNRESPONSIVE = 86;
    private static final int AGENT_COMMAND_TIMEOUT = 112;
    private static final int AGENT_COMMAND_FAILED = 113;

    /** {@code VIR_FROM_RPC}: said by the socket and its protocol. */
    private static final int FROM_RPC = 7;
    /** {@code VIR_FROM_REMOTE}: said by the client's half of the remote driver. */
    private static final int FROM_REMOTE = 13;

    private FailureTable() {}

    static GuestFailure failure(int code, int domain, Channel channel) {
        boolean transport = domain == FROM_RPC || domain == FROM_REMOTE;
        boolean agent = channel == Channel.AGENT;
        return switch (code) {
            case NO_CONNECT, INVALID_CONN, RPC -> GuestFailure.CONNECTION_LOST;
            // a socket that broke says 1 or 38, just as QEMU does about a missing file
            case INTERNAL_ERROR -> {
                if (transport) {
                    yield GuestFailure.CONNECTION_LOST;
                }
                // the agent answered with an error; libvirt has a number for it from 11.2 on
                yield agent ? GuestFailure.AGENT_COMMAND_FAILED : GuestFailure.REJECTED;
            }
            case SYSTEM_ERROR -> transport ? GuestFailure.CONNECTION_LOST : GuestFailure.REJECTED;
            case NO_DOMAIN -> GuestFailure.NO_SUCH_DOMAIN;
            case OPERATION_INVALID -> GuestFailure.NOT_RUNNING;
            case OPERATION_TIMEOUT -> GuestFailure.LOCKED;
            case ARGUMENT_UNSUPPORTED -> agent ? GuestFailure.AGENT_NOT_CONFIGURED : GuestFailure.UNSUPPORTED;
            case NO_SUPPORT, CONFIG_UNSUPPORTED, OPERATION_UNSUPPORTED -> GuestFailure.UNSUPPORTED;
            case AGENT_UNRESPONSIVE -> GuestFailure.AGENT_UNRESPONSIVE;
            case AGENT_COMMAND_TIMEOUT -> GuestFailure.AGENT_TIMEOUT;
            case AGENT_COMMAND_FAILED -> GuestFailure.AGENT_COMMAND_FAILED;
            default -> GuestFailure.REJECTED;
        };
    }
}
