package io.stillframe.orchestrator.workflow;

import io.stillframe.config.Hook;
import io.stillframe.config.Hooks;
import io.stillframe.guest.ExecResult;
import io.stillframe.guest.GuestAgent;
import io.stillframe.guest.GuestException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The application hooks of the guest's kit ({@code guest/}), executed in a guest without being installed there: script and
 * hooks are sent as text, and kept in the guest's memory from the hold to its release.
 */
final class HookKit {
    /** What the script needs beside its hooks, in a guest that is busy. */
    private static final Duration AROUND = Duration.ofSeconds(15);

    private static final KitScript SCRIPT = new KitScript("stillframe-hooks");
    private static final Map<Hook, String> TEXTS = new EnumMap<>(Map.of(
            Hook.POSTGRESQL, KitScript.text("hooks/10-postgresql"),
            Hook.MARIADB, KitScript.text("hooks/10-mariadb"),
            Hook.INSTALLED, "-"));

    private final GuestAgent agent;
    private final Hooks hooks;

    HookKit(GuestAgent agent, Hooks hooks) {
        this.agent = agent;
        this.hooks = hooks;
    }

    /**
     * Asks each whether it could hold; nothing is held.
     *
     * @throws GuestException when the agent does not answer
     */
    ExecResult check() {
        return call(List.of("check", limit()), true);
    }

    /**
     * Has them hold. Where one fails, those before it are released.
     *
     * @param deadline when the guest releases them by itself, in whole seconds from the last one's answer, 1 to 999
     * @throws GuestException when the agent does not answer: they may hold
     */
    ExecResult hold(String name, Duration deadline) {
        return call(List.of("hold", name, Long.toString(deadline.toSeconds()), limit()), true);
    }

    /**
     * Releases those that hold by this name; where none does, nothing is told of any.
     *
     * @throws GuestException when the agent does not answer: they may hold until the deadline
     */
    ExecResult release(String name) {
        return call(List.of("release", name, limit()), false);
    }

    private String limit() {
        return Long.toString(hooks.limit().toSeconds());
    }

    private ExecResult call(List<String> command, boolean withTexts) {
        List<String> arguments = new ArrayList<>(command);
        if (withTexts) {
            hooks.run().forEach(hook -> arguments.addAll(Arrays.asList(hook.label(), TEXTS.get(hook))));
        }
        return SCRIPT.run(agent, arguments, hooks.limit().plus(AROUND));
    }
}
