package io.stillframe.guest.libvirt;

import io.stillframe.guest.AgentInfo;
import io.stillframe.guest.ExecResult;
import io.stillframe.guest.GuestAgent.FreezeStatus;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The answers of the agent's commands, as QEMU's {@code qga/qapi-schema.json} describes them. */
final class AgentAnswers {
    /** Exit code of a program that a signal ended, less the signal: the shell's convention. */
    private static final int SIGNALLED = 128;

    private AgentAnswers() {}

    static FreezeStatus freezeStatus(AgentReply reply) {
        String status = reply.text();
        return switch (status) {
            case "frozen" -> FreezeStatus.FROZEN;
            case "thawed" -> FreezeStatus.THAWED;
            default -> throw Bounds.badReply("freeze status '" + status + "'", null);
        };
    }

    static AgentInfo info(AgentReply reply) {
        Set<String> enabled = reply.list("supported_commands").stream()
                .filter(command -> command.flag("enabled"))
                .map(command -> command.text("name"))
                .collect(Collectors.toSet());
        return new AgentInfo(reply.text("version"), enabled);
    }

    static Optional<String> osId(AgentReply reply) {
        return reply.maybeText("id");
    }

    static void sync(AgentReply reply, long id) {
        if (reply.number() != id) {
            throw Bounds.badReply("the answer to another sync", null);
        }
    }

    static long pid(AgentReply reply) {
        return reply.number("pid", Long.MAX_VALUE);
    }

    /** How the program ended, if it did. */
    static Optional<ExecResult> ended(AgentReply reply) {
        if (!reply.flag("exited")) {
            return Optional.empty();
        }
        // Windows exit codes fill 32 bits: 0xC0000005 is an access violation
        long exitCode = reply.maybeNumber("signal", SIGNALLED)
                .map(signal -> SIGNALLED + signal)
                .orElseGet(() -> reply.number("exitcode", 0xFFFF_FFFFL));
        return Optional.of(new ExecResult((int) exitCode, reply.output("out-data"), reply.output("err-data")));
    }
}
