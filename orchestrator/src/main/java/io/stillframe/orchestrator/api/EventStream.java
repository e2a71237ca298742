package io.stillframe.orchestrator.api;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.json.JsonMapper;

/**
 * Server-sent events (HTML Living Standard, 9.2), each at once on its way. Several threads may send; what goes wrong once,
 * because whoever listened is gone, goes wrong from then on.
 */
public final class EventStream {
    private final OutputStream out;
    private Runnable onGone = () -> {};
    private boolean gone;

    EventStream(OutputStream out) {
        this.out = out;
    }

    /**
     * Sends one event.
     *
     * @param data becomes a JSON document, on one line
     */
    public void send(String event, Object data) throws IOException {
        write("event: %s\ndata: %s\n\n".formatted(event, JsonMapper.shared().writeValueAsString(data)));
    }

    /** Does this when whoever listened is found to be gone; at once, where that is known already. */
    public synchronized void onGone(Runnable action) {
        onGone = action;
        if (gone) {
            action.run();
        }
    }

    public synchronized boolean isGone() {
        return gone;
    }

    /** A comment: it keeps the stream alive, and finds out who is gone. */
    void beat() {
        try {
            write(":\n\n");
        } catch (IOException e) {
            // known from now on
        }
    }

    private synchronized void write(String text) throws IOException {
        if (gone) {
            throw new IOException("whoever listened is gone");
        }
        try {
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            gone = true;
            onGone.run();
            throw e;
        }
    }
}
