package io.stillframe.orchestrator.api;

import java.io.IOException;

/** Who asked, waiting for an answer: one document, or a stream of events. */
public interface Exchange {
    /**
     * Answers with one document.
     *
     * @param json a document
     */
    void answer(int status, String json) throws IOException;

    /** Begins a stream; it ends with the work. */
    EventStream events() throws IOException;

    /** Whether the server is about to end, and no more can be waited for. */
    boolean isEnding();
}
