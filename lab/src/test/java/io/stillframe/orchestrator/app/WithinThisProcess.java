package io.stillframe.orchestrator.app;

import io.stillframe.orchestrator.cli.Caller;
import io.stillframe.orchestrator.cli.Stillframe;
import io.stillframe.orchestrator.cli.Terminal;
import io.stillframe.storage.exec.LocalCommands;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The program as a call: the same command lines at the same site, without a process of their own. For where a JVM takes
 * ten seconds to start; nobody can interrupt it.
 */
public final class WithinThisProcess {
    private static final Interruption NEVER = new Interruption();

    private WithinThisProcess() {}

    /** What one command line gave. */
    public record Ended(int status, String out, String err) {}

    /** Runs one command line; nothing is to be read on its standard input. */
    public static Ended execute(String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status;
        try (PrintStream printed = utf8(out);
                PrintStream told = utf8(err)) {
            status = Stillframe.execute(
                    options -> new LocalSite(options, NEVER, told).anew(options, new Nobody(told)),
                    printed,
                    told,
                    args);
        }
        return new Ended(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private static PrintStream utf8(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private record Nobody(PrintStream err) implements Caller {
        @Override
        public Terminal terminal() {
            return new LocalTerminal(new LocalCommands(), InputStream.nullInputStream(), err);
        }

        @Override
        public BooleanSupplier interrupted() {
            return () -> false;
        }

        @Override
        public <T> T uninterrupted(Supplier<T> work) {
            return work.get();
        }
    }
}
