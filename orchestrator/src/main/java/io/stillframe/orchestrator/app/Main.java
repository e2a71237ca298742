package io.stillframe.orchestrator.app;

import io.stillframe.orchestrator.cli.ExitStatus;
import io.stillframe.orchestrator.cli.Site;
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
        run(options -> new LocalSite(options, interruption, err), interruption, out, err, args);
    }

    /** Runs a command line at a site and ends the process. */
    static void run(Site.Opener site, Interruption interruption, PrintStream out, PrintStream err, String... args) {
        int status = ExitStatus.MAY_BE_FROZEN.code();
        try {
            status = Stillframe.execute(site, out, err, args);
        } catch (Throwable e) {
            // not even then may the process end as if all were well, or wait for ever for the work to end
            err.println("error: stillframe broke, a guest may still be frozen: " + e);
            err.println("hint: run 'stillframe thaw' on the machines of this command");
        } finally {
            out.flush();
            err.flush();
            interruption.exit(status);
        }
    }

    static PrintStream utf8(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }
}
