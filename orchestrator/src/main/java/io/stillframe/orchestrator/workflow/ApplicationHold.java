package io.stillframe.orchestrator.workflow;

import io.stillframe.config.Hook;
import io.stillframe.config.Hooks;
import io.stillframe.db.Consistency;
import io.stillframe.db.Evidence;
import io.stillframe.guest.ExecResult;
import io.stillframe.guest.GuestAgent;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.guest.Printable;
import io.stillframe.orchestrator.evidence.Testimony;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The hold of a guest's applications around its freeze: begun before it, ended after the thaw, both times on the hooks' own
 * word. It has held where each of them says so both times: the name is this run's alone, so what is released by it was held
 * for this freeze, and a hold that ended by itself is not there any more.
 *
 * <p>Crash argument: the guest ends the hold by itself at its deadline, whoever has died.
 */
final class ApplicationHold {
    private static final String ASKED = "applications";

    private static final int ATTEMPTS = 2;

    /** An agent that has kept us waiting once. */
    private static final Set<GuestFailure> SILENT =
            Set.of(GuestFailure.AGENT_UNRESPONSIVE, GuestFailure.AGENT_TIMEOUT, GuestFailure.DEADLINE);

    private final String name;
    private final Hooks hooks;
    private final Duration deadline;
    private boolean sent;
    private List<HookAnswer> held = List.of();
    private List<Evidence> evidence = List.of();

    /**
     * Nothing is held yet.
     *
     * @param name the run's label
     * @param deadline when the guest ends it by itself
     */
    ApplicationHold(String name, Hooks hooks, Duration deadline) {
        this.name = name;
        this.hooks = hooks;
        this.deadline = deadline;
    }

    /**
     * Begins it, where any hooks are asked for.
     *
     * @param impossible why no hook can be run in this guest; empty where it can
     * @throws RunFailed when they do not hold and nothing less will do; or nobody knows, for the agent did not answer
     */
    void begin(GuestAgent agent, Optional<String> impossible, Requirement requirement) {
        if (hooks.run().isEmpty()) {
            return;
        }
        try {
            impossible.or(() -> hold(agent)).ifPresent(reason -> {
                evidence = List.of(new Evidence(Testimony.HOOK, false, "not held: " + reason));
                if (requirement.least() == Consistency.APPLICATION) {
                    throw unheld(requirement.vm(), "its applications do not hold: " + reason);
                }
            });
        } catch (GuestException e) {
            throw unheld(requirement.vm(), "whether its applications hold is not known: " + e.getMessage());
        }
    }

    private static RunFailed unheld(String vm, String reason) {
        return new RunFailed(new Problem(
                ErrorCode.HOOK,
                "vm '%s' was not frozen: %s".formatted(vm, reason),
                "see 'stillframe doctor %s', raise hook-limit, or leave the applications out (hooks, --hooks)"
                        .formatted(vm)));
    }

    private Optional<String> hold(GuestAgent agent) {
        try {
            sent = true;
            ExecResult answer = new HookKit(agent, hooks).hold(name, deadline);
            List<HookAnswer> answers = HookAnswer.of(answer.stdout());
            Optional<String> failure = failure(answer, answers);
            held = failure.isEmpty() ? answers : List.of();
            return failure;
        } catch (GuestException e) {
            if (e.failure().effectUnknown()) {
                throw e;
            }
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private Optional<String> failure(ExecResult answer, List<HookAnswer> answers) {
        Optional<String> failed =
                answers.stream().filter(of -> !of.is("held")).findFirst().map(HookAnswer::failure);
        if (failed.isPresent()) {
            return failed;
        }
        if (!answer.succeeded()) {
            return Optional.of("the hooks ended with %d: %s"
                    .formatted(
                            answer.exitCode(),
                            Printable.of(answer.stderr().lines().findFirst().orElse(""))));
        }
        return missing(answers).map("%s did not say that it holds"::formatted);
    }

    /** One that was asked for and is not there; of those that are installed, at least one has to be. */
    private Optional<String> missing(List<HookAnswer> answers) {
        List<String> said = answers.stream().map(HookAnswer::hook).toList();
        List<String> sentNames = Stream.of(Hook.values())
                .filter(hook -> hook != Hook.INSTALLED)
                .map(Hook::label)
                .toList();
        return hooks.run().stream()
                .filter(hook -> hook == Hook.INSTALLED ? sentNames.containsAll(said) : !said.contains(hook.label()))
                .map(Hook::label)
                .findFirst();
    }

    /** Ends it after the thaw, and hears what became of it; never throws. */
    void end(GuestAgent agent) {
        if (!sent) {
            return;
        }
        sent = false;
        String unknown = "nothing is held: it ended before the thaw";
        List<HookAnswer> released = List.of();
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            try {
                released = HookAnswer.of(new HookKit(agent, hooks).release(name).stdout());
                break;
            } catch (GuestException e) {
                // it may be released by now; asked again it says nothing of it any more
                unknown = "what became of the hold is not known: " + e.getMessage();
                if (SILENT.contains(e.failure())) {
                    break;
                }
            }
        }
        tell(released, unknown);
    }

    /** The guest may still be frozen, and executes nothing: it ends the hold by itself. */
    void leave() {
        if (sent) {
            sent = false;
            tell(List.of(), "not released, the guest does it at the deadline of %d s".formatted(deadline.toSeconds()));
        }
    }

    private void tell(List<HookAnswer> released, String otherwise) {
        if (!held.isEmpty()) {
            List<Evidence> all = new ArrayList<>();
            held.forEach(of -> all.add(released.stream()
                    .filter(answer -> answer.hook().equals(of.hook()))
                    .findFirst()
                    .map(answer -> told(of, answer))
                    .orElseGet(() -> new Evidence(Testimony.HOOK, false, "%s: %s".formatted(of.hook(), otherwise)))));
            evidence = List.copyOf(all);
        }
    }

    private static Evidence told(HookAnswer held, HookAnswer released) {
        if (!released.is("released")) {
            return new Evidence(Testimony.HOOK, false, "the hold was lost: " + released.failure());
        }
        String said = Stream.of(held.said(), released.said())
                .filter(words -> !words.isEmpty())
                .collect(Collectors.joining(" | "));
        return new Evidence(
                Testimony.HOOK,
                true,
                "%s: held for %d ms, from before the freeze until after the thaw%s"
                        .formatted(held.hook(), released.number(), said.isEmpty() ? "" : "; it said: " + said));
    }

    /** That they are going to be told, for whoever has to go on with the run; empty where none are. */
    Optional<Evidence> asked() {
        return hooks.run().isEmpty()
                ? Optional.empty()
                : Optional.of(new Evidence(
                        ASKED,
                        true,
                        "asked to hold: "
                                + hooks.run().stream().map(Hook::label).collect(Collectors.joining(", "))));
    }

    /** What is known of them where the run was cut short before its release was journaled: nothing. */
    static List<Evidence> cutShort(List<Evidence> beforehand) {
        return beforehand.stream().anyMatch(item -> item.check().equals(ASKED))
                ? List.of(new Evidence(
                        Testimony.HOOK,
                        false,
                        "whether the applications held until the thaw is not known: the run was cut short"))
                : List.of();
    }

    /** What the hooks said; nothing where none were asked for. */
    List<Evidence> evidence() {
        return evidence;
    }
}
