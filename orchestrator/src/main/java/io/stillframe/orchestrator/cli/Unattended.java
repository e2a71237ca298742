package io.stillframe.orchestrator.cli;

import java.io.PrintStream;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Nobody who could be asked, for work that nothing but the daemon's own end interrupts. */
record Unattended(PrintStream err, BooleanSupplier interrupted) implements Caller {
    @Override
    public Terminal terminal() {
        return Terminal.NONE;
    }

    @Override
    public <T> T uninterrupted(Supplier<T> work) {
        return work.get();
    }
}
