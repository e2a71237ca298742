package io.stillframe.orchestrator.workflow;

import io.stillframe.config.Hooks;
import io.stillframe.guest.ExecResult;
import io.stillframe.guest.GuestAgent;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.Printable;
import java.util.ArrayList;
import java.util.List;

/** Whether the class {@code application} can be reached, and what is missing for it. */
final class HookExamination {
    private static final String CHECK = "hooks";

    private final Hooks hooks;
    private final boolean required;

    /** @param required whether nothing less than {@code application} will do */
    HookExamination(Hooks hooks, boolean required) {
        this.hooks = hooks;
        this.required = required;
    }

    /** Of a guest in which hooks can be run: each is asked. */
    List<Check> of(GuestAgent agent) {
        if (hooks.run().isEmpty()) {
            return none();
        }
        try {
            ExecResult answer = new HookKit(agent, hooks).check();
            List<HookAnswer> answers = HookAnswer.of(answer.stdout());
            return answers.isEmpty()
                    ? List.of(silent(answer))
                    : answers.stream().map(this::check).toList();
        } catch (GuestException e) {
            return List.of(missing("the guest's hooks could not be asked: " + e.getMessage(), "try again"));
        }
    }

    /** Of a guest in which none can be run. */
    List<Check> impossible(String reason, String hint) {
        return hooks.run().isEmpty() && !required
                ? List.of()
                : List.of(missing("no application hook can be run: " + reason, hint));
    }

    private List<Check> none() {
        String detail = "none are asked for, so nothing beyond 'filesystem' will be claimed";
        return List.of(
                required
                        ? missing(
                                detail,
                                "name the applications (hooks in the configuration, or --hooks), or require 'filesystem'")
                        : Check.ok(CHECK, detail));
    }

    private Check check(HookAnswer answer) {
        return answer.is("ok")
                ? Check.ok(CHECK, answer.hook() + (answer.said().isEmpty() ? " is there" : ": " + answer.said()))
                : missing(answer.failure(), "see guest/README.md for what the hook needs");
    }

    private Check silent(ExecResult answer) {
        List<String> said = new ArrayList<>(answer.stderr().lines().limit(1).toList());
        String reason = said.isEmpty() && answer.succeeded()
                ? "there are none in /etc/stillframe/hooks.d"
                : Printable.of("the hooks ended with %d: %s".formatted(answer.exitCode(), String.join("", said)));
        return missing(reason, "see guest/README.md for what the hooks need");
    }

    private Check missing(String detail, String hint) {
        return required
                ? Check.fail(ErrorCode.HOOK, CHECK, detail, hint)
                : Check.warn(CHECK, detail + "; nothing beyond 'filesystem' will be claimed", hint);
    }
}
