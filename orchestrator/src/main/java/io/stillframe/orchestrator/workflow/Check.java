package io.stillframe.orchestrator.workflow;

import java.util.Optional;

/**
 * One thing that was looked at before a run.
 *
 * @param check its name: stable, for {@code --json}
 * @param code the error it would be for a run; empty unless it failed
 */
public record Check(String check, Status status, String detail, String hint, Optional<ErrorCode> code) {
    /** From "no concern" to "a run would be refused". */
    public enum Status {
        OK,
        WARN,
        FAIL
    }

    /** No concern. */
    public static Check ok(String check, String detail) {
        return new Check(check, Status.OK, detail, "", Optional.empty());
    }

    /** A run would go on, with a loss. */
    public static Check warn(String check, String detail, String hint) {
        return new Check(check, Status.WARN, detail, hint, Optional.empty());
    }

    /** A run would be refused. */
    public static Check fail(ErrorCode code, String check, String detail, String hint) {
        return new Check(check, Status.FAIL, detail, hint, Optional.of(code));
    }
}
