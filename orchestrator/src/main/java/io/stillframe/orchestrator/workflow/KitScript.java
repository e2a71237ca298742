package io.stillframe.orchestrator.workflow;

import io.stillframe.guest.ExecResult;
import io.stillframe.guest.GuestAgent;
import io.stillframe.guest.GuestException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A shell script of the guest's kit ({@code guest/}), sent with the command that runs it: nothing has to be installed. */
final class KitScript {
    private final String name;
    private final String text;

    /** @param name the file's name in the kit, and what the script is told that it is called */
    KitScript(String name) {
        this.name = name;
        this.text = text(name);
    }

    /**
     * Executes it in a guest.
     *
     * @throws GuestException when the agent does not answer within the limit: it may run all the same
     */
    ExecResult run(GuestAgent agent, List<String> arguments, Duration limit) {
        List<String> argv = new ArrayList<>(List.of("/bin/sh", "-c", text, name));
        argv.addAll(arguments);
        return agent.exec(argv, limit);
    }

    /** A file of the kit. */
    static String text(String name) {
        try (InputStream text = KitScript.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(text).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
