package io.stillframe.orchestrator.app;

import io.stillframe.guest.DomainId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** Who holds a state directory or a machine: in its file a line of pid and purpose, then a line for each machine's UUID. */
record Holder(long pid, String purpose, List<String> vms) {
    static final Holder UNKNOWN = new Holder(0, "?", List.of());

    /** The purpose of the one that holds for as long as it lives. */
    static final String DAEMON = "daemon";

    private static final int MAX_BYTES = 1 << 20;

    static Holder me(String purpose, List<DomainId> vms) {
        return new Holder(
                ProcessHandle.current().pid(),
                purpose,
                vms.stream().map(vm -> vm.uuid().toString()).toList());
    }

    boolean shares(Holder other) {
        return vms.stream().anyMatch(other.vms::contains);
    }

    boolean isDaemon() {
        return purpose.equals(DAEMON);
    }

    void write(FileChannel channel) throws IOException {
        String text = pid + " " + purpose + "\n" + String.join("\n", vms) + "\n";
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
    }

    /** Empty while the holder has not yet written itself down. */
    static Optional<Holder> read(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(channel.size(), MAX_BYTES));
        channel.read(bytes, 0);
        List<String> lines = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        if (lines.isEmpty() || !lines.get(0).matches("\\d{1,18} .*")) {
            return Optional.empty();
        }
        String[] first = lines.get(0).split(" ", 2);
        return Optional.of(new Holder(Long.parseLong(first[0]), first[1], lines.subList(1, lines.size())));
    }

    /** By the kernel's word, which no file has to be believed for; empty where it does not show that process. */
    private Optional<Instant> since() {
        return ProcessHandle.of(pid)
                .flatMap(process -> process.info().startInstant())
                .map(at -> at.truncatedTo(ChronoUnit.SECONDS));
    }

    @Override
    public String toString() {
        return "'stillframe %s' (pid %d%s)"
                .formatted(purpose, pid, since().map(at -> ", since " + at).orElse(""));
    }
}
