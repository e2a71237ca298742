package io.stillframe.orchestrator.workflow;

import io.stillframe.guest.ExecResult;
import io.stillframe.guest.GuestAgent;
import io.stillframe.guest.GuestException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The timer inside the guest that thaws by itself: it covers the death of everything on the host's side. It is a shell
 * script that is sent with the command, so that nothing has to be installed; an agent executes no program while frozen,
 * but one that runs goes on. Where the agent may not execute programs, an operator can install the same script as the
 * agent's freeze hook, and nothing of it is seen from here.
 *
 * <p>Arming one ends those that runs before have left, as runs do that died: their time could come in this run's window. Each
 * has its run's name, so that a late call of such a run finds its own only.
 */
final class GuestSwitch {
    private static final Duration CALL_LIMIT = Duration.ofSeconds(10);
    private static final KitScript SCRIPT = new KitScript("stillframe-switch");

    private final String name;

    GuestSwitch(String name) {
        this.name = name;
    }

    /**
     * Arms it.
     *
     * @return why it could not be armed; empty when it is
     */
    Optional<String> arm(GuestAgent agent, Duration deadline) {
        try {
            ExecResult armed = call(agent, "arm", name, Long.toString(deadline.toSeconds()));
            boolean done = armed.succeeded() && armed.stdout().strip().equals("armed");
            return done
                    ? Optional.empty()
                    : Optional.of("it ended with %d: %s".formatted(armed.exitCode(), firstLine(armed.stderr())));
        } catch (GuestException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** Disarms it after the release; one that cannot be reached is ended by the next run's. */
    Disarmed disarm(GuestAgent agent) {
        try {
            return switch (call(agent, "disarm", name).stdout().strip()) {
                case "disarmed" -> Disarmed.IN_TIME;
                case "fired" -> Disarmed.AFTER_FIRING;
                case "absent" -> Disarmed.GONE;
                default -> Disarmed.UNKNOWN;
            };
        } catch (GuestException e) {
            return Disarmed.UNKNOWN;
        }
    }

    /** How a switch was disarmed. */
    enum Disarmed {
        IN_TIME,
        AFTER_FIRING,
        /** Somebody else had ended it, or it was never armed. */
        GONE,
        /** The guest did not tell. */
        UNKNOWN
    }

    private static ExecResult call(GuestAgent agent, String... arguments) {
        return SCRIPT.run(agent, List.of(arguments), CALL_LIMIT);
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }
}
