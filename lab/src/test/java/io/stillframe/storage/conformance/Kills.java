package io.stillframe.storage.conformance;

import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Commands;
import io.stillframe.storage.exec.LocalCommands;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Runs commands, and kills one of them in the middle with SIGKILL, by the id of the process that it started itself. Later
 * ones are left alone: whoever killed the tool is gone.
 */
final class Kills implements Commands {
    private final Commands real = new LocalCommands();
    private final Predicate<List<String>> victim;
    private final BooleanSupplier moment;
    private boolean killed;
    private boolean missed;

    /**
     * Chooses the victim.
     *
     * @param victim which command is to be killed: the first that it is true for
     * @param moment when, asked again and again while the command runs
     */
    Kills(Predicate<List<String>> victim, BooleanSupplier moment) {
        this.victim = victim;
        this.moment = moment;
    }

    /** A moment so long after it was first asked for. */
    static BooleanSupplier after(Duration duration) {
        long[] begin = new long[1];
        return () -> {
            begin[0] = begin[0] == 0 ? System.nanoTime() : begin[0];
            return System.nanoTime() - begin[0] >= duration.toNanos();
        };
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
            return kill(argv);
        } catch (IOException e) {
            throw new CommandException("cannot start " + argv, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }

    private Exit kill(List<String> argv) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(argv)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        while (process.isAlive() && !moment.getAsBoolean()) {
            Thread.onSpinWait();
        }
        killed = process.isAlive();
        missed = !killed;
        process.destroyForcibly();
        return new Exit(process.waitFor(), "", killed ? "killed" : "");
    }

    /** Whether a command was alive when it was killed, rather than at its end before. */
    boolean hit() {
        return killed;
    }
}
