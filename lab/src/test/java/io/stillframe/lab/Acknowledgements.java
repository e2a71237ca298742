package io.stillframe.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.LockSupport;

/**
 * What the database clients in a guest were told is committed, as they tell it outside, a line {@code CLIENT NUMBER} for each
 * commit; with the moment at which it was seen here, which is never before the commit.
 */
final class Acknowledgements implements AutoCloseable {
    private static final long BETWEEN_LOOKS_NANOS = 2_000_000;

    private final Path log;
    private final Thread thread = new Thread(this::look, "acknowledgements");
    /** By moment: the last number of each client until then. */
    private final ConcurrentSkipListMap<Instant, Map<String, Long>> seen = new ConcurrentSkipListMap<>();

    private volatile boolean ended;

    Acknowledgements(Path log) {
        this.log = log;
        thread.start();
    }

    /** The last number that each client had been told is committed, of what was seen before a moment. */
    Map<String, Long> before(Instant moment) {
        Map.Entry<Instant, Map<String, Long>> last = seen.lowerEntry(moment);
        return last == null ? Map.of() : last.getValue();
    }

    long count() {
        Map.Entry<Instant, Map<String, Long>> last = seen.lastEntry();
        return last == null
                ? 0
                : last.getValue().values().stream().mapToLong(Long::longValue).sum();
    }

    private void look() {
        Map<String, Long> clients = new TreeMap<>();
        try (BufferedReader reader = Files.newBufferedReader(log)) {
            StringBuilder line = new StringBuilder();
            while (!ended) {
                if (lines(reader, line, clients)) {
                    seen.put(Instant.now(), new TreeMap<>(clients));
                }
                LockSupport.parkNanos(BETWEEN_LOOKS_NANOS);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Takes the lines that are whole by now; the rest of one is for the next look. */
    private static boolean lines(BufferedReader reader, StringBuilder line, Map<String, Long> clients)
            throws IOException {
        boolean any = false;
        while (reader.ready()) {
            int next = reader.read();
            if (next != '\n') {
                line.append((char) next);
                continue;
            }
            String[] words = line.toString().strip().split(" ", -1);
            if (words.length == 2) {
                clients.put(words[0], Long.parseLong(words[1]));
                any = true;
            }
            line.setLength(0);
        }
        return any;
    }

    @Override
    public void close() {
        ended = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
