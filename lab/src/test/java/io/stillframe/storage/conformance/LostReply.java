package io.stillframe.storage.conformance;

import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Commands;
import io.stillframe.storage.exec.LocalCommands;
import java.time.Duration;
import java.util.List;

/** Runs commands to their end, but nobody hears what one program answers. */
final class LostReply implements Commands {
    private final Commands real = new LocalCommands();
    private final String program;

    LostReply(String program) {
        this.program = program;
    }

    @Override
    public Exit run(List<String> argv, Duration limit) {
        Exit exit = real.run(argv, limit);
        if (Kills.calls(program).test(argv)) {
            throw new CommandException("%s did not end within %s".formatted(argv.get(0), limit));
        }
        return exit;
    }
}
