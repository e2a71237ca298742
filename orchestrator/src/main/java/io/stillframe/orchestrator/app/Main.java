package io.stillframe.orchestrator.app;

import io.stillframe.orchestrator.cli.Stillframe;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** The program. */
public final class Main {
    private Main() {}

    /** Runs one command line and ends with its exit status. */
    public static void main(String[] args) {
        PrintStream out = utf8(FileDescriptor.out);
        PrintStream err = utf8(FileDescriptor.err);
        Interruption interruption = new Interruption();
        int status = Stillframe.execute(options -> new LocalSite(options, interruption, err), out, err, args);
        out.flush();
        err.flush();
        interruption.exit(status);
    }

    private static PrintStream utf8(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }
}
