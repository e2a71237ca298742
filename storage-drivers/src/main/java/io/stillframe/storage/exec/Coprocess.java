package io.stillframe.storage.exec;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;

/**
 * A program that goes on beside this one and is spoken to over its standard input and output. It is not ended with this
 * object, nor with this process: it sees the end of its input.
 */
public final class Coprocess {
    private final Process process;

    private Coprocess(Process process) {
        this.process = process;
    }

    /**
     * Starts a program with nothing of this process's but the pipe: its folder is the root, its errors go to a file, so
     * that neither a terminal nor a mount is held by it.
     *
     * @throws CommandException when it cannot be started
     */
    public static Coprocess start(List<String> argv, Path errors) {
        ProcessBuilder builder = new ProcessBuilder(argv)
                .directory(new File("/"))
                .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()));
        builder.environment().put("LC_ALL", "C.UTF-8");
        try {
            return new Coprocess(builder.start());
        } catch (IOException e) {
            throw new CommandException("cannot start %s: %s".formatted(argv.get(0), e.getMessage()), e);
        }
    }

    /** What it prints. */
    public InputStream output() {
        return process.getInputStream();
    }

    /** What it reads; unbuffered by this process once flushed. */
    public OutputStream input() {
        return process.getOutputStream();
    }

    public long pid() {
        return process.pid();
    }
}
