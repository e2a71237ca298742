package io.stillframe.orchestrator.sentinel;

import io.stillframe.orchestrator.lease.GuardException;
import io.stillframe.orchestrator.lease.Thaw;
import io.stillframe.orchestrator.sentinel.Message.Reply;
import io.stillframe.orchestrator.sentinel.Message.Request;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectMapper;

/** The sentinel's end of the pipe: serves its holder until that one is gone, and then every guest it left. */
public final class SentinelServer {
    private static final Logger LOG = LoggerFactory.getLogger(SentinelServer.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Longer than any holder waits for one. */
    private static final Duration LONGEST_REQUEST = Duration.ofMinutes(1);

    private final Sentinel sentinel;
    private final OutputStream replies;
    /** One guest's request must not wait behind another's, whose libvirt may hang. */
    private final ExecutorService handlers = Executors.newCachedThreadPool(SentinelServer::daemon);

    public SentinelServer(Sentinel sentinel, OutputStream replies) {
        this.sentinel = sentinel;
        this.replies = replies;
    }

    /** Returns when the holder is gone and nothing is left to guard. */
    public void serve(InputStream requests) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(requests, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Request request = JSON.readValue(line, Request.class);
                handlers.execute(() -> reply(request));
            }
        } catch (IOException | JacksonException e) {
            // a holder that cannot be understood is as good as gone
            LOG.error("the holder's end broke: {}", e.toString());
        }
        handlers.shutdown();
        seeToGuests();
        // what was under way when the holder died may have put another one into these hands
        awaitRequests();
        seeToGuests();
    }

    private void seeToGuests() {
        sentinel.holderGone();
    }

    private void awaitRequests() {
        try {
            if (!handlers.awaitTermination(LONGEST_REQUEST.toSeconds(), TimeUnit.SECONDS)) {
                LOG.error("a request still hangs; the guest's lease is left to whoever starts next");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void reply(Request request) {
        try {
            send(new Reply(request.id(), Optional.empty(), false, handle(request)));
        } catch (GuardException e) {
            send(refused(request, String.valueOf(e.getMessage()), e.isGuarded()));
        } catch (RuntimeException e) {
            LOG.error("a request broke", e);
            send(refused(request, "the sentinel broke: " + e, false));
        }
    }

    private static Reply refused(Request request, String reason, boolean guarded) {
        return new Reply(request.id(), Optional.of(reason), guarded, Optional.empty());
    }

    private Optional<Thaw> handle(Request request) {
        return switch (request.verb()) {
            case ARM -> {
                sentinel.arm(request.lease().orElseThrow());
                yield Optional.empty();
            }
            case ASK -> sentinel.awaitIntervention(request.vm());
            case DISARM -> sentinel.disarm(request.vm());
        };
    }

    private synchronized void send(Reply reply) {
        try {
            replies.write((JSON.writeValueAsString(reply) + "\n").getBytes(StandardCharsets.UTF_8));
            replies.flush();
        } catch (IOException e) {
            // the holder is gone, which the other direction tells as well
            LOG.info("no reply to a holder that is gone");
        }
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "sentinel");
        thread.setDaemon(true);
        return thread;
    }
}
