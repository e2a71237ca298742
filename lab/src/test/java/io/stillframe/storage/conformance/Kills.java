package io.stillframe.storage.conformance;

import com.sun.jna.Library;
import com.sun.jna.Native;
import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Commands;
import io.stillframe.storage.exec.LocalCommands;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Runs commands, and kills one of them in the middle with SIGKILL, by the id of the process that it started itself. Later
 * ones are left alone: whoever killed the tool is gone.
 */
final class Kills implements Commands {
    private static final int SIGCONT = 18;
    private static final int SIGSTOP = 19;
    private static final Duration STEP = Duration.ofMillis(1);
    private static final C LIBC = Native.load("c", C.class);

    private final Commands real = new LocalCommands();
    private final Predicate<List<String>> victim;
    private final BooleanSupplier moment;
    private final boolean stepwise;
    private boolean killed;
    private boolean missed;

    private interface C extends Library {
        int kill(int pid, int signal);
    }

    private Kills(Predicate<List<String>> victim, BooleanSupplier moment, boolean stepwise) {
        this.victim = victim;
        this.moment = moment;
        this.stepwise = stepwise;
    }

    /**
     * Kills a command after a time.
     *
     * @param victim which command: the first that it is true for
     */
    static Kills after(Duration time, Predicate<List<String>> victim) {
        return new Kills(victim, after(time), false);
    }

    /**
     * Kills a command in a state of the world that it passes through. It is let run in steps, and stands still while the
     * world is looked at: a state that lasts longer than a step is not missed, however few processors there are.
     *
     * @param victim which command: the first that it is true for
     */
    static Kills when(BooleanSupplier state, Predicate<List<String>> victim) {
        return new Kills(victim, state, true);
    }

    /** A moment so long after it was first asked for. */
    private static BooleanSupplier after(Duration duration) {
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
            if (stepwise) {
                step(process);
            } else {
                Thread.onSpinWait();
            }
        }
        killed = process.isAlive();
        missed = !killed;
        process.destroyForcibly();
        return new Exit(process.waitFor(), "", killed ? "killed" : "");
    }

    private static void step(Process process) {
        int pid = (int) process.pid();
        LIBC.kill(pid, SIGCONT);
        LockSupport.parkNanos(STEP.toNanos());
        LIBC.kill(pid, SIGSTOP);
        // a call to the kernel is not left in its middle
        while (process.isAlive() && !isStopped(pid)) {
            Thread.onSpinWait();
        }
    }

    private static boolean isStopped(int pid) {
        try {
            String stat = Files.readString(Path.of("/proc", String.valueOf(pid), "stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) == 'T';
        } catch (IOException e) {
            return false; // it has ended
        }
    }

    /** Whether a command was alive when it was killed, rather than at its end before. */
    boolean hit() {
        return killed;
    }
}
