package io.stillframe.orchestrator.cli;

import io.stillframe.orchestrator.api.EventStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A command that is executed here and was given in another process, which is told everything at once. That process ends, is
 * interrupted, or loses its connection: the command is interrupted as if it were there.
 */
final class ServedCommand implements Caller, Terminal {
    private static final Logger LOG = LoggerFactory.getLogger(ServedCommand.class);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

    private final EventStream events;
    private final BooleanSupplier ending;
    private final boolean asks;
    private final OptionalInt columns;
    private final PrintStream out = printing("out");
    private final PrintStream err = printing("err");
    private final CompletableFuture<Boolean> answer = new CompletableFuture<>();
    private volatile boolean interrupted;

    /**
     * @param ending whether this process was told to end
     * @param asks whether somebody sits at a terminal there
     * @param columns those of that terminal
     */
    ServedCommand(EventStream events, BooleanSupplier ending, boolean asks, OptionalInt columns) {
        this.events = events;
        this.ending = ending;
        this.asks = asks;
        this.columns = columns;
        events.onGone(this::interrupt);
    }

    void interrupt() {
        interrupted = true;
    }

    /** What was answered to the question; a second answer changes nothing. */
    void answer(boolean yes) {
        answer.complete(yes);
    }

    PrintStream out() {
        return out;
    }

    /** By this id it can be interrupted and answered. */
    void begun(String id) {
        send("begun", Map.of("command", id));
    }

    void end(int status) {
        out.flush();
        err.flush();
        send("end", Map.of("status", status));
    }

    @Override
    public PrintStream err() {
        return err;
    }

    @Override
    public Terminal terminal() {
        return this;
    }

    @Override
    public BooleanSupplier interrupted() {
        return () -> interrupted || ending.getAsBoolean();
    }

    @Override
    public <T> T uninterrupted(Supplier<T> work) {
        send("working", Map.of());
        return work.get();
    }

    @Override
    public boolean canAsk() {
        return asks;
    }

    @Override
    public boolean confirm(String question) {
        send("question", Map.of("question", question));
        while (!interrupted().getAsBoolean()) {
            try {
                return answer.get(BETWEEN_LOOKS.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                // not yet
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
        return false;
    }

    @Override
    public OptionalInt columns() {
        return columns;
    }

    private void send(String event, Map<String, Object> data) {
        try {
            events.send(event, data);
        } catch (IOException e) {
            LOG.debug("nobody listens to a command any more", e);
        }
    }

    /** What is printed goes on its way whenever it is flushed, which is with every line. */
    private PrintStream printing(String event) {
        return new PrintStream(new Lines(event), true, StandardCharsets.UTF_8);
    }

    private final class Lines extends OutputStream {
        private final String event;
        private final ByteArrayOutputStream waiting = new ByteArrayOutputStream();

        Lines(String event) {
            this.event = event;
        }

        @Override
        public synchronized void write(int b) {
            waiting.write(b);
        }

        @Override
        public synchronized void write(byte[] bytes, int offset, int length) {
            waiting.write(bytes, offset, length);
        }

        @Override
        public synchronized void flush() {
            if (waiting.size() > 0) {
                String text = waiting.toString(StandardCharsets.UTF_8);
                waiting.reset();
                send(event, Map.of("text", text));
            }
        }
    }
}
