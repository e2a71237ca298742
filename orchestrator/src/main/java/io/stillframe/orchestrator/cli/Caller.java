package io.stillframe.orchestrator.cli;

import java.io.PrintStream;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Who a command works for: where it tells what is no result, whom it can ask, and what may cut it short. */
public interface Caller {
    PrintStream err();

    Terminal terminal();

    /** Whether an interruption was noted. */
    BooleanSupplier interrupted();

    /** Does work during which an interruption is only noted. */
    <T> T uninterrupted(Supplier<T> work);
}
