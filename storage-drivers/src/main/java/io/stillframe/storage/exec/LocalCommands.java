package io.stillframe.storage.exec;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Runs programs on this host, in the C locale so that their output is what the parsers were tested on. */
public final class LocalCommands implements Commands {
    /** No command of ours prints more; one that does is not believed. */
    private static final int MAX_OUTPUT = 8 * 1024 * 1024;

    private static final int PIECE = 8192;

    /**
     * How long a program has to end by itself when it is told to. LVM and the like put right what they have begun, or bring
     * it to its end, before a SIGTERM ends them; killed they may leave a guest's disk suspended.
     */
    private static final Duration GRACE = Duration.ofSeconds(10);

    /** A thread for each stream that is read: one that hangs keeps no other waiting. */
    private static final Executor READERS = reading -> {
        Thread thread = new Thread(reading, "output");
        thread.setDaemon(true);
        thread.start();
    };

    @Override
    public Exit run(List<String> argv, Duration limit) {
        return run(argv, limit, piece -> {});
    }

    @Override
    public Exit run(List<String> argv, Duration limit, Consumer<String> heard) {
        Process process = start(argv);
        try {
            CompletableFuture<String> stdout = read(process.getInputStream(), heard);
            CompletableFuture<String> stderr = read(process.getErrorStream(), piece -> {});
            var unused = stdout.whenComplete((output, failure) -> {
                if (failure != null) {
                    process.destroy();
                }
            });
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new CommandException("%s did not end within %s".formatted(argv.get(0), limit));
            }
            return new Exit(process.exitValue(), whole(stdout), whole(stderr));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted while %s ran".formatted(argv.get(0)), e);
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException told) {
                throw told;
            }
            throw new CommandException("cannot read the output of %s".formatted(argv.get(0)), e);
        } finally {
            end(process);
        }
    }

    /**
     * Whoever is told that a command did not end may ask what became of it: by then it does nothing more, unless it hangs in
     * the kernel.
     */
    private static void end(Process process) {
        boolean interrupted = false;
        process.destroy();
        for (Duration left : List.of(GRACE, GRACE)) {
            try {
                interrupted |= Thread.interrupted();
                if (process.waitFor(left.toMillis(), TimeUnit.MILLISECONDS)) {
                    break;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
            process.destroyForcibly();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** What a program has printed is there when it has ended; a child that it left behind does not keep us. */
    private static String whole(CompletableFuture<String> output) {
        return output.orTimeout(GRACE.toMillis(), TimeUnit.MILLISECONDS).join();
    }

    private static Process start(List<String> argv) {
        ProcessBuilder builder = new ProcessBuilder(argv).redirectInput(new File("/dev/null"));
        builder.environment().put("LC_ALL", "C.UTF-8");
        try {
            return builder.start();
        } catch (IOException e) {
            throw CommandException.notStarted(argv.get(0), e);
        }
    }

    private static CompletableFuture<String> read(InputStream stream, Consumer<String> heard) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try (Reader reader = new InputStreamReader(stream, StandardCharsets.UTF_8)) {
                        StringBuilder all = new StringBuilder();
                        char[] piece = new char[PIECE];
                        for (int length = reader.read(piece); length >= 0; length = reader.read(piece)) {
                            all.append(piece, 0, length);
                            if (all.length() > MAX_OUTPUT) {
                                throw new CommandException("more than %d characters of output".formatted(MAX_OUTPUT));
                            }
                            heard.accept(new String(piece, 0, length));
                        }
                        return all.toString();
                    } catch (IOException e) {
                        throw new CompletionException(e);
                    }
                },
                READERS);
    }
}
