package io.stillframe.lab;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program of this machine, run to its end. */
record Tool(int exit, String out, String err) {
    /** A guest that does not come up is given up by the lab after 90 s; a build of the command line takes a minute. */
    private static final Duration LIMIT = Await.PATIENCE.multipliedBy(8);

    static Tool run(List<String> argv) {
        return start(argv).await();
    }

    static Tool run(String... argv) {
        return run(List.of(argv));
    }

    /** Runs a program whose failure would be the lab's, and returns what it printed. */
    static String out(String... argv) {
        Tool ended = run(argv);
        if (ended.exit != 0) {
            throw new AssertionError("%s: exit %d%n%s%s".formatted(List.of(argv), ended.exit, ended.out, ended.err));
        }
        return ended.out;
    }

    static Running start(List<String> argv) {
        try {
            Path out = Files.createTempFile("stillframe-lab", ".out");
            Path err = Files.createTempFile("stillframe-lab", ".err");
            ProcessBuilder builder = new ProcessBuilder(argv)
                    .redirectInput(new File("/dev/null"))
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            return new Running(argv, builder.start(), out, err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A program under way. Its output goes to files, so that nothing it prints can hold it up. */
    record Running(List<String> argv, Process process, Path out, Path err) {
        /** Lets the program run for a while, or to its end where that comes first; tells whether it still runs. */
        boolean runsAfter(Duration time) {
            try {
                return !process.waitFor(time.toNanos(), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                throw interrupted(e);
            }
        }

        /** Waits for the end of a program that was killed, whatever it printed. */
        void end() {
            await();
        }

        Tool await() {
            return await(LIMIT);
        }

        Tool await(Duration limit) {
            if (runsAfter(limit)) {
                process.destroyForcibly();
                throw new AssertionError("not ended after %s: %s".formatted(limit, argv));
            }
            try {
                Tool ended = new Tool(process.exitValue(), Files.readString(out), Files.readString(err));
                Files.delete(out);
                Files.delete(err);
                return ended;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private AssertionError interrupted(InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            return new AssertionError("the test was interrupted", e);
        }
    }
}
