package io.stillframe.storage.exec;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Runs external programs. No shell is involved: an argv goes to the kernel as it is. */
public interface Commands {
    /**
     * Runs a program to its end.
     *
     * @param limit after which the program is killed
     * @throws CommandException when it cannot be started, is killed at its limit, or prints beyond all bounds
     */
    Exit run(List<String> argv, Duration limit);

    /**
     * Runs a program to its end, and passes on what it prints as it comes.
     *
     * @param heard is given its standard output, in pieces that end anywhere; called on a thread of its own, and no more
     *     once the program's end is told. What it throws kills the program and is thrown here
     */
    default Exit run(List<String> argv, Duration limit, Consumer<String> heard) {
        Exit exit = run(argv, limit);
        heard.accept(exit.stdout());
        return exit;
    }

    /** The same, for questions only: what was asked once is answered from memory. */
    default Commands remembering() {
        Map<List<String>, Exit> answers = new HashMap<>();
        return (argv, limit) -> {
            Exit known = answers.get(argv);
            if (known == null) {
                known = run(argv, limit);
                answers.put(argv, known);
            }
            return known;
        };
    }

    /** How a program ended: its status and what it printed, decoded as UTF-8. */
    record Exit(int status, String stdout, String stderr) {
        public boolean succeeded() {
            return status == 0;
        }
    }
}
