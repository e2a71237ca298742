package io.stillframe.guest.libvirt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.stillframe.guest.AgentInfo;
import io.stillframe.guest.ExecResult;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.guest.Printable;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Has every reader read an agent's answer, and asserts what holds of any answer at all: a value within the declared
 * bounds or a failure of the declared kind, soon, and for memory in proportion to the answer.
 */
final class Examination {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Far beyond the slowest answer on a crowded machine, far below a deadline that somebody waits for. */
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);

    /** Bytes that any answer may cost, for exceptions and a parser's buffers. */
    private static final long BASE = 256 * 1024;
    /** And for each of its bytes: {@code {},} is a costly node for its length. */
    private static final long PER_BYTE = 160;
    /** But however many nodes there are, they cost no more than this, */
    private static final long CEILING = 32 * 1024 * 1024;
    /** with the bytes themselves, which are copied from one form into the next. */
    private static final long CEILING_PER_BYTE = 12;

    private final Map<String, Function<AgentReply, ?>> readers = Map.of(
            "freezeStatus", AgentAnswers::freezeStatus,
            "info", AgentAnswers::info,
            "osId", AgentAnswers::osId,
            "pid", AgentAnswers::pid,
            "ended", AgentAnswers::ended,
            "sync",
                    reply -> {
                        AgentAnswers.sync(reply, 17);
                        return 17;
                    });

    private final Map<String, Integer> accepted = new LinkedHashMap<>();

    /** Reads the answer in every way there is. */
    void of(byte[] answer) {
        long start = System.nanoTime();
        long before = THREADS.getCurrentThreadAllocatedBytes();
        Map<String, Object> values = read(answer);
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        assertThat(System.nanoTime() - start).as("nanoseconds").isLessThan(PATIENCE);
        long ceiling = CEILING + CEILING_PER_BYTE * answer.length;
        assertThat(allocated)
                .as("bytes allocated for %d", answer.length)
                .isLessThan(Math.min(BASE + PER_BYTE * answer.length, ceiling));
        values.forEach((reader, value) -> check(reader, value, answer.length));
    }

    /** How many answers each reader took for good. */
    Map<String, Integer> accepted() {
        return accepted;
    }

    /** Only reads it; what of its parts was taken for good comes back by its reader. */
    Map<String, Object> read(byte[] answer) {
        Map<String, Object> values = new LinkedHashMap<>();
        try {
            AgentReply reply = AgentReply.parse(answer);
            readers.forEach((name, reader) -> {
                try {
                    values.put(name, reader.apply(reply));
                } catch (GuestException e) {
                    assertThat(e.failure()).isEqualTo(GuestFailure.BAD_REPLY);
                    checkFailure(e);
                }
            });
        } catch (GuestException e) {
            assertThat(e.failure()).isIn(GuestFailure.BAD_REPLY, GuestFailure.AGENT_COMMAND_FAILED);
            checkFailure(e);
        }
        return values;
    }

    private void check(String reader, Object value, int size) {
        accepted.merge(reader, 1, Integer::sum);
        if (value instanceof AgentInfo info) {
            checkText(info.version());
            assertThat(info.enabledCommands()).hasSizeLessThanOrEqualTo(Bounds.MAX_ENTRIES);
            info.enabledCommands().forEach(Examination::checkText);
        } else if (value instanceof Long pid) {
            assertThat(pid).isNotNegative();
        } else if (value instanceof Optional<?> optional && optional.isPresent()) {
            if (optional.get() instanceof ExecResult result) {
                assertThat(result.stdout().length() + result.stderr().length()).isLessThanOrEqualTo(size);
            } else {
                checkText((String) optional.get());
            }
        }
    }

    /** A lone surrogate cannot be written as UTF-8: it would fail wherever the text is printed or stored. */
    private static void checkText(String text) {
        assertThat(text).hasSizeLessThanOrEqualTo(Bounds.MAX_TEXT);
        assertThat(UTF_8.newEncoder().canEncode(text)).as("is well-formed").isTrue();
    }

    /** Logs print the causes too. */
    private static void checkFailure(GuestException failure) {
        for (Throwable e = failure; e != null; e = e.getCause()) {
            String message = String.valueOf(e.getMessage());
            if (message.length() > 2 * Printable.MAX_LENGTH || !message.equals(Printable.of(message))) {
                throw new AssertionError("not fit for a log: " + e.getClass() + ": " + message);
            }
        }
    }

    static Set<String> readerNames() {
        return new Examination().readers.keySet();
    }

    /** Runs the examination of one answer, and tells of a failure which it was. */
    static void tell(String which, byte[] answer, Consumer<byte[]> examination) {
        try {
            examination.accept(answer);
        } catch (Throwable e) {
            String text = new String(answer, 0, Math.min(answer.length, 400), UTF_8);
            throw new AssertionError("%s, %d bytes: %s".formatted(which, answer.length, text), e);
        }
    }
}
