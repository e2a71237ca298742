package io.stillframe.orchestrator.sentinel;

import io.stillframe.orchestrator.lease.Guard;
import io.stillframe.orchestrator.lease.GuardException;
import io.stillframe.orchestrator.lease.Intervention;
import io.stillframe.orchestrator.lease.Lease;
import io.stillframe.orchestrator.lease.Thaw;
import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.orchestrator.sentinel.Message.Reply;
import io.stillframe.orchestrator.sentinel.Message.Request;
import io.stillframe.orchestrator.sentinel.Message.Verb;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectMapper;

/** The holder's end of the pipe to its sentinel. Closing it, by {@link #close} or by dying, is what the sentinel heeds. */
public final class SentinelClient implements Guard, AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The sentinel's process starts, connects twice and forces a file: seconds on a busy host. */
    private static final Duration ARM_LIMIT = Duration.ofSeconds(45);

    /** An answer from memory; only a release that the sentinel has begun takes longer. */
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);

    private final OutputStream requests;
    private final LeaseFiles files;
    private final Timing timing;
    private final AtomicLong ids = new AtomicLong();
    private final Map<Long, CompletableFuture<Reply>> waiting = new ConcurrentHashMap<>();
    private final Map<UUID, Runnable> watched = new ConcurrentHashMap<>();
    private volatile boolean gone;

    /**
     * Speaks to a sentinel that has just been started.
     *
     * @param files where it writes its leases
     */
    public SentinelClient(InputStream replies, OutputStream requests, LeaseFiles files, Timing timing) {
        this.requests = requests;
        this.files = files;
        this.timing = timing;
        Thread reader = new Thread(() -> read(replies), "sentinel-replies");
        reader.setDaemon(true);
        reader.start();
    }

    @Override
    public void makeReady() {}

    @Override
    public Watch watch(Lease lease, Runnable lost) {
        long armed = timing.nanos();
        UUID vm = lease.vm().uuid();
        watched.put(vm, lost);
        try {
            Reply reply = ask(Verb.ARM, vm, Optional.of(lease), ARM_LIMIT);
            reply.error().ifPresent(reason -> {
                throw reply.guarded() ? GuardException.guarded(reason) : new GuardException(reason);
            });
            return new Watched(lease, armed);
        } catch (GuardException e) {
            watched.remove(vm);
            throw e;
        }
    }

    /** Whether the sentinel has ended. */
    public boolean gone() {
        return gone;
    }

    @Override
    public void close() {
        watched.clear();
        try {
            requests.close();
        } catch (IOException e) {
            // it is closed with the process at the latest
        }
    }

    private Reply ask(Verb verb, UUID vm, Optional<Lease> lease, Duration limit) {
        long id = ids.incrementAndGet();
        CompletableFuture<Reply> reply = new CompletableFuture<>();
        waiting.put(id, reply);
        try {
            send(new Request(id, verb, vm, lease));
            if (gone) {
                throw new GuardException("the sentinel has ended");
            }
            return reply.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (IOException | ExecutionException e) {
            throw new GuardException("the sentinel has ended", e);
        } catch (TimeoutException e) {
            throw new GuardException("the sentinel did not answer within %d s".formatted(limit.toSeconds()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new GuardException("interrupted while the sentinel was asked", e);
        } finally {
            waiting.remove(id);
        }
    }

    private synchronized void send(Request request) throws IOException {
        requests.write((JSON.writeValueAsString(request) + "\n").getBytes(StandardCharsets.UTF_8));
        requests.flush();
    }

    private void read(InputStream replies) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(replies, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Reply reply = JSON.readValue(line, Reply.class);
                Optional.ofNullable(waiting.get(reply.id())).ifPresent(waits -> waits.complete(reply));
            }
        } catch (IOException | JacksonException e) {
            // as good as its end
        }
        gone = true;
        watched.values().forEach(Runnable::run);
        waiting.values().forEach(waits -> waits.completeExceptionally(new IOException("the sentinel has ended")));
    }

    /** The sentinel over one guest. */
    private final class Watched implements Watch {
        private final Lease lease;
        private final long armed;

        Watched(Lease lease, long armed) {
            this.lease = lease;
            this.armed = armed;
        }

        @Override
        public boolean covers(Duration hold) {
            return !gone && timing.since(armed).plus(hold).compareTo(lease.sentinelDeadline()) <= 0;
        }

        @Override
        public Optional<Thaw> intervention() {
            return covers(Duration.ZERO) ? Optional.empty() : asked();
        }

        @Override
        public Ended end() {
            watched.remove(lease.vm().uuid());
            try {
                return Ended.known(ask(Verb.DISARM, lease.vm().uuid(), Optional.empty(), ANSWER_LIMIT)
                        .thaw());
            } catch (GuardException e) {
                return gone ? endInItsPlace() : Ended.unknown(e.getMessage());
            }
        }

        /** The lease of a sentinel that died would have the next process thaw a guest that is free. */
        private Ended endInItsPlace() {
            try (LeaseFile file = files.take(lease.vm().uuid()).orElse(null)) {
                if (file == null) {
                    return Ended.unknown("the sentinel has ended, and another process has its lease");
                }
                Optional<Thaw> done = file.intervention().map(Intervention::thaw);
                file.remove();
                return Ended.known(done);
            } catch (UncheckedIOException e) {
                // then it stays: the next process asks the guest once more
                return Ended.unknown("the sentinel has ended, and its lease cannot be read");
            }
        }

        private Optional<Thaw> asked() {
            try {
                return ask(Verb.ASK, lease.vm().uuid(), Optional.empty(), ANSWER_LIMIT)
                        .thaw();
            } catch (GuardException e) {
                return Optional.empty();
            }
        }
    }
}
