package io.stillframe.orchestrator.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** A terminal as a test says, or none; keeps what it was asked. */
final class FakeTerminal implements Terminal {
    final List<String> questions = new ArrayList<>();
    boolean interactive;
    boolean yes;
    /** Happens while the operator thinks. */
    Runnable meanwhile = () -> {};

    OptionalInt columns = OptionalInt.empty();

    @Override
    public boolean canAsk() {
        return interactive;
    }

    @Override
    public boolean confirm(String question) {
        questions.add(question);
        meanwhile.run();
        return yes;
    }

    @Override
    public OptionalInt columns() {
        return columns;
    }
}
