package io.stillframe.orchestrator.api;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.ReentrantLock;
import tools.jackson.databind.json.JsonMapper;

/**
 * Server-sent events (HTML Living Standard, 9.2), each at once on its way. Several threads may send; what goes wrong once,
 * because whoever listened is gone, goes wrong from then on.
 */
public final class EventStream {
    private final OutputStream out;
    private final ReentrantLock writing = new ReentrantLock();
    private Runnable onGone = () -> {};
    private boolean gone;
    private boolean ended;

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

    private synchronized void lose() {
        gone = true;
        onGone.run();
    }

    /**
     * A comment: it keeps the stream alive, and finds out who is gone. It may be long on its way to one that does not read;
     * while anything is, there is none.
     */
    void beat() {
        if (writing.tryLock()) {
            try {
                if (!ended) {
                    write(":\n\n");
                }
            } catch (IOException e) {
                // known from now on
            } finally {
                writing.unlock();
            }
        }
    }

    /** From now on nothing is written, a beat that is due already least of all. */
    void end() {
        writing.lock();
        try {
            ended = true;
        } finally {
            writing.unlock();
        }
    }

    private void write(String text) throws IOException {
        writing.lock();
        try {
            if (isGone()) {
                throw new IOException("whoever listened is gone");
            }
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            if (!isGone()) {
                lose();
            }
            throw e;
        } finally {
            writing.unlock();
        }
    }
}
