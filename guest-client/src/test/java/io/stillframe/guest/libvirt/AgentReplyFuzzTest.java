package io.stillframe.guest.libvirt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.management.ThreadMXBean;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever an agent answers, it is read or refused. {@code -Dfuzz.seed=N} tries other answers than every build does,
 * {@code -Dfuzz.count=N} more of them.
 */
@Timeout(300)
class AgentReplyFuzzTest {
    private static final long SEED = Long.getLong("fuzz.seed", 20_260_101);
    private static final int COUNT = Integer.getInteger("fuzz.count", 120_000);

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final Examination examination = new Examination();

    /** Loading classes allocates as well. */
    @BeforeEach
    void warmUp() {
        HostileReplies replies = new HostileReplies(SEED, real());
        IntStream.range(0, 2000).forEach(i -> examination.read(replies.next()));
    }

    @Test
    void a_changed_answer_or_garbage_is_read_within_bounds_or_refused() {
        HostileReplies replies = new HostileReplies(SEED, real());
        for (int i = 0; i < COUNT; i++) {
            Examination.tell("seed %d, answer %d".formatted(SEED, i), replies.next(), examination::of);
        }
        // had nothing got through to them, the readers would not have been tried
        assertThat(examination.accepted()).containsOnlyKeys(Examination.readerNames());
        assertThat(examination.accepted().values()).allMatch(count -> count > COUNT / 1000);
    }

    @Test
    void an_answer_cut_at_any_byte_is_refused() {
        for (String answer : real()) {
            byte[] whole = answer.getBytes(UTF_8);
            for (int length = 0; length < whole.length; length++) {
                Examination.tell("cut at " + length, Arrays.copyOf(whole, length), examination::of);
            }
        }
        assertThat(examination.accepted()).isEmpty();
    }

    @Test
    void an_answer_as_large_as_libvirt_lets_through_is_read_within_bounds_or_refused() {
        large().forEach((name, answer) -> Examination.tell(name, answer.get().getBytes(UTF_8), examination::of));
        assertThat(examination.accepted()).containsKeys("info", "ended");
    }

    /** The costliest answers for their length: of parts that take the most memory, as many as are let through. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "11",
                "\"a\"",
                "1.5",
                "99999999999999999999",
                "9.999999999999999999",
                "{\"a\":1}",
                "[[[[[[[1]]]]]]]",
                "{\"name\":\"\",\"enabled\":true}"
            })
    void an_answer_of_as_many_parts_as_are_let_through_is_read_within_bounds_or_refused(String part) {
        int tokens = HostileReplies.tokens(part).size();
        int brackets = 12;
        for (int parts : new int[] {Bounds.MAX_ENTRIES - 1, (Bounds.MAX_TOKENS - brackets) / tokens}) {
            String list = (part + ",").repeat(parts);
            Examination.tell(part, filled(list).getBytes(UTF_8), examination::of);
        }
    }

    @Test
    void an_answer_larger_than_that_is_not_even_decoded() {
        byte[] answer = new byte[Bounds.MAX_REPLY + 1];
        long before = THREADS.getCurrentThreadAllocatedBytes();
        assertThatExceptionOfType(GuestException.class)
                .isThrownBy(() -> AgentReply.parse(answer))
                .matches(e -> e.failure() == GuestFailure.BAD_REPLY);
        assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan(answer.length);
    }

    @Test
    void a_large_answer_with_one_wrong_byte_is_refused() {
        byte[] answer = string("x").getBytes(UTF_8);
        answer[answer.length - 3] = (byte) 0xC3;
        Examination.tell("wrong byte", answer, examination::of);
        assertThat(examination.accepted()).isEmpty();
    }

    /** Answers of the greatest length, or one byte more, by what they are full of. */
    private static Map<String, Supplier<String>> large() {
        return Map.ofEntries(
                Map.entry("spaces", () -> fill("", " ", "")),
                Map.entry("spaces before", () -> fill("", " ", "{\"return\":17}")),
                Map.entry("open lists", () -> fill("{\"return\":", "[", "")),
                Map.entry("open objects", () -> fill("", "{\"a\":", "")),
                Map.entry("a digit", () -> fill("{\"return\":", "7", "}")),
                Map.entry("an exponent", () -> fill("{\"return\":1e", "7", "}")),
                Map.entry("a fraction", () -> fill("{\"return\":0.", "7", "}")),
                Map.entry("a text", () -> string("x")),
                Map.entry(
                        "a version", () -> fill("{\"return\":{\"version\":\"", "7", "\",\"supported_commands\":[]}}")),
                Map.entry("an id", () -> fill("{\"return\":{\"id\":\"", "é", "\"}}")),
                Map.entry("a wide text", () -> string("🦊")),
                Map.entry("surrogates", () -> string("\\ud800")),
                Map.entry("an open text", () -> fill("{\"return\":\"", "é", "")),
                Map.entry("backslashes", () -> fill("{\"return\":\"", "\\\\", "\"}")),
                Map.entry("a key", () -> fill("{\"return\":{\"", "k", "\":1}}")),
                Map.entry("same keys", () -> fill("{\"return\":{", "\"a\":1,", "\"a\":1}}")),
                Map.entry("keys", () -> numbered("{\"return\":{", "\"k%d\":1,", "\"k\":1}}")),
                Map.entry("errors", () -> fill("{\"error\":{\"desc\":\"", "\\u001b", "\"}}")),
                Map.entry("a word", () -> fill("", "\u202e", "")),
                Map.entry("objects", () -> commands("{},")),
                Map.entry("lists", () -> commands("[],")),
                Map.entry("numbers", () -> commands("11,")),
                Map.entry("big numbers", () -> commands("18446744073709551616,")),
                Map.entry("fractions", () -> commands("1.5,")),
                Map.entry("texts", () -> commands("\"a\",")),
                Map.entry("commands", () -> commands("{\"name\":\"a\",\"enabled\":true},")),
                Map.entry("the most commands", AgentReplyFuzzTest::mostCommands),
                Map.entry("output", () -> output("eHh4")),
                Map.entry("output that is not UTF-8", () -> output("////")),
                Map.entry("output that is not base64", () -> output("%")),
                Map.entry("an open output", () -> output("=")));
    }

    private static String string(String of) {
        return fill("{\"return\":\"", of, "\"}");
    }

    private static String filled(String list) {
        return "{\"return\":{\"version\":\"7.2.22\",\"supported_commands\":[" + list + "{}]}}";
    }

    private static String commands(String of) {
        return fill("{\"return\":{\"version\":\"7.2.22\",\"supported_commands\":[", of, "{}]}}");
    }

    private static String output(String of) {
        return fill("{\"return\":{\"exited\":true,\"exitcode\":0,\"out-data\":\"", of, "\"}}");
    }

    /** As many commands with as long names as the bounds and the greatest length allow. */
    private static String mostCommands() {
        String name = "n".repeat(Bounds.MAX_REPLY / Bounds.MAX_ENTRIES - 100);
        return IntStream.range(0, Bounds.MAX_ENTRIES)
                .mapToObj(i -> "{\"name\":\"%s%d\",\"enabled\":true,\"success-response\":true}".formatted(name, i))
                .collect(
                        Collectors.joining(",", "{\"return\":{\"version\":\"7.2.22\",\"supported_commands\":[", "]}}"));
    }

    private static String numbered(String start, String of, String end) {
        StringBuilder text = new StringBuilder(start);
        for (int i = 0; text.length() < Bounds.MAX_REPLY - 100; i++) {
            text.append(of.formatted(i));
        }
        return text.append(end).toString();
    }

    /** Exactly as long as an answer may be, or almost. */
    private static String fill(String start, String of, String end) {
        int room = Bounds.MAX_REPLY - start.getBytes(UTF_8).length - end.getBytes(UTF_8).length;
        return start + of.repeat(room / of.getBytes(UTF_8).length) + end;
    }

    private static List<String> real() {
        try (var stream = AgentReplyFuzzTest.class.getResourceAsStream("agent-replies-qemu-ga-7.2.22.jsonl")) {
            return new String(stream.readAllBytes(), UTF_8).lines().toList();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
