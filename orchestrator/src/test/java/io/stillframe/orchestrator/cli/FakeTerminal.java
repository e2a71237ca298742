package io.stillframe.orchestrator.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** A terminal as a test says, or none; keeps what it was asked. */
final class FakeTerminal implements Terminal {
    final List<String> questions = new ArrayList<>();
    boolean interactive;
    boolean yes;
    OptionalInt columns = OptionalInt.empty();

    @Override
    public boolean canAsk() {
        return interactive;
    }

    @Override
    public boolean confirm(String question) {
        questions.add(question);
        return yes;
    }

    @Override
    public OptionalInt columns() {
        return columns;
    }
}
