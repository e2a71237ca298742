package io.stillframe.orchestrator.app;

import io.stillframe.orchestrator.cli.Caller;
import io.stillframe.orchestrator.cli.Terminal;
import io.stillframe.storage.exec.LocalCommands;
import java.io.PrintStream;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Whoever started this process. */
record LocalCaller(Interruption interruption, PrintStream err) implements Caller {
    @Override
    public Terminal terminal() {
        return new LocalTerminal(new LocalCommands(), System.in, err);
    }

    @Override
    public BooleanSupplier interrupted() {
        return interruption::requested;
    }

    @Override
    public <T> T uninterrupted(Supplier<T> work) {
        return interruption.uninterrupted(work);
    }
}
