package io.stillframe.storage.conformance;

import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Commands;
import io.stillframe.storage.exec.LocalCommands;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Runs commands, and kills one of them in the middle with SIGKILL, by the id of the process that it started itself. Later
 * ones are left alone: whoever killed the tool is gone.
 */
final class Kills implements Commands {
    private static final int KILLED = 128 + 9;

    private final Commands real = new LocalCommands();
    private final Predicate<List<String>> victim;
    private final Killer killer;
    private boolean killed;
    private boolean missed;

    /** Runs a command and kills it, unless it has ended before; its exit status. */
    private interface Killer {
        int run(List<String> argv) throws IOException, InterruptedException;
    }

    private Kills(Predicate<List<String>> victim, Killer killer) {
        this.victim = victim;
        this.killer = killer;
    }

    /**
     * Kills a command after a time.
     *
     * @param victim which command: the first that it is true for
     */
    static Kills after(Duration time, Predicate<List<String>> victim) {
        return new Kills(victim, argv -> {
            Process process = start(argv);
            long begin = System.nanoTime();
            while (process.isAlive() && System.nanoTime() - begin < time.toNanos()) {
                Thread.onSpinWait();
            }
            return process.destroyForcibly().waitFor();
        });
    }

    /**
     * Kills a command at a moment of its work, with the host VM's own tool for that.
     *
     * @param victim which command: the first that it is true for
     */
    static Kills at(Backend.Moment moment, Predicate<List<String>> victim) {
        return new Kills(victim, argv -> {
            List<String> watched =
                    new ArrayList<>(List.of("killed-when", moment.file().toString(), moment.begins()));
            watched.addAll(argv);
            return start(watched).waitFor();
        });
    }

    private static Process start(List<String> argv) throws IOException {
        return new ProcessBuilder(argv)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    static Predicate<List<String>> calls(String program) {
        return argv -> Path.of(argv.get(0)).getFileName().toString().equals(program);
    }

    @Override
    public Exit run(List<String> argv, Duration limit) {
        if (killed || missed || !victim.test(argv)) {
            return real.run(argv, limit);
        }
        try {
            int status = killer.run(argv);
            killed = status == KILLED;
            missed = !killed;
            return new Exit(status, "", killed ? "killed" : "");
        } catch (IOException e) {
            throw new CommandException("cannot start " + argv, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }

    /** Whether a command was alive when it was killed, rather than at its end before. */
    boolean hit() {
        return killed;
    }
}
