package io.stillframe.orchestrator.cli;

import io.stillframe.orchestrator.workflow.ErrorCode;

/** The operator's word for what cannot be taken back. */
final class Confirmation {
    private Confirmation() {}

    /** While it was asked for, what was asked about has become something else. */
    static CommandFailed outdated() {
        return CommandFailed.refused(
                ErrorCode.UNCONFIRMED,
                "nothing was touched: the snapshots have changed since it was confirmed",
                "look at them with 'stillframe snapshots', then try again");
    }

    /**
     * Asks for it on a terminal. Not while work must not be cut short: who is asked may want to end instead.
     *
     * @param consequence what happens, as a sentence
     * @throws CommandFailed when it is not given, or nobody can be asked
     */
    static void require(Terminal terminal, String consequence) {
        if (!terminal.canAsk()) {
            throw CommandFailed.refused(
                    ErrorCode.UNCONFIRMED,
                    "nothing was touched: %s, and there is no terminal to ask for a confirmation"
                            .formatted(consequence),
                    "confirm it with --yes");
        }
        if (!terminal.confirm(Output.printable(consequence) + ". Go on?")) {
            throw CommandFailed.refused(ErrorCode.UNCONFIRMED, "nothing was touched: not confirmed", "");
        }
    }
}
