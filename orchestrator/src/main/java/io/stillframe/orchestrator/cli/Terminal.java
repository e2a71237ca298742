package io.stillframe.orchestrator.cli;

import java.util.OptionalInt;

/** The terminal that a person sits at, where one does. */
public interface Terminal {
    /** Where nobody sits. */
    Terminal NONE = new Terminal() {
        @Override
        public boolean canAsk() {
            return false;
        }

        @Override
        public boolean confirm(String question) {
            return false;
        }

        @Override
        public OptionalInt columns() {
            return OptionalInt.empty();
        }
    };

    /** Whether somebody can be asked: what is read is typed at a terminal, and questions are seen at one. */
    boolean canAsk();

    /**
     * Asks for a yes; anything else is none.
     *
     * @param question in one line, without what may be answered
     */
    boolean confirm(String question);

    /** How many columns the terminal has that errors and progress go to; empty where they go elsewhere. */
    OptionalInt columns();
}
