package io.stillframe.guest;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The agent inside one virtual machine (qemu-ga, over libvirt). The agent is single-threaded and executes commands in
 * the order in which they reached it: a command that timed out here may still be executed there, later. All answers
 * come from the guest and are believed only within bounds: lists, texts and numbers beyond them are a {@link
 * GuestFailure#BAD_REPLY}.
 *
 * <p>Every call takes its limit, a whole number of seconds or more precise, at least one second; when it has passed, and
 * half a second more for libvirt to say so, the call has ended with {@link GuestFailure#AGENT_TIMEOUT} or {@link
 * GuestFailure#DEADLINE}. A connection to libvirtd that broke is the failure of the call that finds it broken, and is
 * made anew by the next one, within that one's limit: the thaw after a libvirtd was killed and started again.
 */
public interface GuestAgent extends AutoCloseable {
    /** The most mountpoints that one freeze takes (libvirt's {@code REMOTE_DOMAIN_FSFREEZE_MOUNTPOINTS_MAX}). */
    int MAX_MOUNTPOINTS = 256;

    /**
     * Freezes every filesystem that can be frozen.
     *
     * @return how many filesystems the agent says it froze; 0 is not a success but may still have run the freeze hook
     */
    int freeze(Duration limit);

    /**
     * Freezes the listed mountpoints; the agent ignores those that do not exist.
     *
     * @param mountpoints 1 to {@link #MAX_MOUNTPOINTS} of them, the first mountpoint of each device
     */
    int freeze(List<String> mountpoints, Duration limit);

    /** Thaws whatever is frozen, by whomever, and says how many filesystems that was. */
    int thaw(Duration limit);

    /**
     * What the agent believes ({@code guest-fsfreeze-status}). It is the agent's own flag and no more: a thaw behind
     * its back leaves it at frozen.
     */
    FreezeStatus status(Duration limit);

    /** Whether the agent answers at all: a round trip with a fresh id ({@code guest-sync}). */
    void sync(Duration limit);

    /** The mounted filesystems on block devices, in the agent's order. */
    List<GuestFilesystem> filesystems(Duration limit);

    /** Version and commands ({@code guest-info}). */
    AgentInfo info(Duration limit);

    /** The guest's operating system ({@code guest-get-osinfo}), where the agent tells. */
    Optional<String> osId(Duration limit);

    /**
     * Runs a program in the guest and waits for its end. Not allowed while frozen, and off by default on some guests:
     * ask {@link AgentInfo#allows}.
     *
     * @param argv the program's path and its arguments; no shell is involved
     */
    ExecResult exec(List<String> argv, Duration limit);

    /** Releases the connection. The guest is not touched: in particular it is not thawed. */
    @Override
    void close();

    /** The agent's flag. */
    enum FreezeStatus {
        FROZEN,
        THAWED
    }
}
