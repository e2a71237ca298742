package io.stillframe.guest.libvirt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.jna.Memory;
import io.stillframe.guest.ExecResult;
import io.stillframe.guest.GuestAgent.FreezeStatus;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AgentReplyTest {
    @Test
    void the_answers_of_a_good_agent_are_read() {
        assertThat(AgentAnswers.freezeStatus(parse("{\"return\":\"frozen\"}"))).isEqualTo(FreezeStatus.FROZEN);
        assertThat(AgentAnswers.freezeStatus(parse("{\"return\":\"thawed\"}"))).isEqualTo(FreezeStatus.THAWED);
        assertThat(AgentAnswers.osId(parse("{\"return\":{\"id\":\"debian\",\"name\":\"Debian\"}}")))
                .contains("debian");
        assertThat(AgentAnswers.osId(parse("{\"return\":{}}"))).isEmpty();
        assertThat(AgentAnswers.pid(parse("{\"return\":{\"pid\":371}}"))).isEqualTo(371);
        AgentAnswers.sync(parse("{\"return\":17}"), 17);
    }

    /** With the fields that {@code qmp_guest_get_osinfo} of QEMU's qga/commands-win32.c fills in; of no real guest. */
    @Test
    void windows_is_known_by_its_id() {
        assertThat(AgentAnswers.osId(parse("""
                {"return":{"name":"Microsoft Windows","kernel-release":"20348","version":"Microsoft Windows Server 2022",
                  "variant":"server","pretty-name":"Windows Server 2022 Standard","version-id":"2022","variant-id":"server",
                  "kernel-version":"10.0","machine":"x86_64","id":"mswindows"}}"""))).contains("mswindows");
    }

    @Test
    void only_enabled_commands_count() {
        var info = AgentAnswers.info(parse("""
                {"return":{"version":"7.2.22","supported_commands":[
                  {"name":"guest-exec","enabled":false,"success-response":true},
                  {"name":"guest-ping","enabled":true,"success-response":true}]}}"""));

        assertThat(info.version()).isEqualTo("7.2.22");
        assertThat(info.allows("guest-ping")).isTrue();
        assertThat(info.allows("guest-exec")).isFalse();
    }

    @Test
    void a_programs_end_is_read() {
        assertThat(AgentAnswers.ended(parse("{\"return\":{\"exited\":false}}"))).isEmpty();
        assertThat(AgentAnswers.ended(parse(
                        "{\"return\":{\"exited\":true,\"exitcode\":3,\"out-data\":\"aGk=\",\"err-data\":\"4g==\"}}")))
                .contains(new ExecResult(3, "hi", "\uFFFD"));
        assertThat(AgentAnswers.ended(parse("{\"return\":{\"exited\":true,\"signal\":9}}")))
                .contains(new ExecResult(137, "", ""));
        assertThat(AgentAnswers.ended(parse("{\"return\":{\"exited\":true,\"exitcode\":3221225477}}")))
                .contains(new ExecResult(0xC0000005, "", ""));
    }

    @Test
    void an_agents_error_is_a_failed_command_and_its_text_harmless() {
        assertThatExceptionOfType(GuestException.class)
                .isThrownBy(() -> parse("{\"error\":{\"class\":\"GenericError\",\"desc\":\"no\\u001b[2J\\nway\"}}"))
                .matches(e -> e.failure() == GuestFailure.AGENT_COMMAND_FAILED)
                .withMessage("the agent answered: no?[2J?way");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "{",
                "[]",
                "null",
                "7",
                "{}",
                "{\"return\":\"frozen\"} trailing",
                "{\"return\":{}}",
                "{\"return\":7}",
                "{\"return\":null}",
                "{\"return\":[\"frozen\"]}",
                "{\"return\":\"Frozen\"}",
                "{\"return\":\"thawed\",\"return\":\"frozen\"}",
                "{\"error\":7}",
                "{\"error\":{\"desc\":{}}}"
            })
    void a_freeze_status_of_another_form_is_a_bad_reply(String json) {
        assertBad(json, AgentAnswers::freezeStatus);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"return\":{}}",
                "{\"return\":{\"exited\":\"yes\"}}",
                "{\"return\":{\"exited\":true}}",
                "{\"return\":{\"exited\":true,\"exitcode\":-1}}",
                "{\"return\":{\"exited\":true,\"exitcode\":1.5}}",
                "{\"return\":{\"exited\":true,\"exitcode\":1e1}}",
                "{\"return\":{\"exited\":true,\"exitcode\":\"0\"}}",
                "{\"return\":{\"exited\":true,\"exitcode\":99999999999}}",
                "{\"return\":{\"exited\":true,\"exitcode\":99999999999999999999999}}",
                "{\"return\":{\"exited\":true,\"exitcode\":1e999999999}}",
                "{\"return\":{\"exited\":true,\"signal\":100000}}",
                "{\"return\":{\"exited\":true,\"exitcode\":0,\"out-data\":7}}",
                "{\"return\":{\"exited\":true,\"exitcode\":0,\"out-data\":\"%%%\"}}",
                "{\"return\":{\"exited\":true,\"exitcode\":0,\"out-data\":\"aGk=aGk=\"}}"
            })
    void a_programs_end_of_another_form_is_a_bad_reply(String json) {
        assertBad(json, AgentAnswers::ended);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"return\":{\"version\":\"1\"}}",
                "{\"return\":{\"version\":1,\"supported_commands\":[]}}",
                "{\"return\":{\"version\":\"1\",\"supported_commands\":{}}}",
                "{\"return\":{\"version\":\"1\",\"supported_commands\":[7]}}",
                "{\"return\":{\"version\":\"1\",\"supported_commands\":[{\"name\":\"x\"}]}}"
            })
    void an_info_of_another_form_is_a_bad_reply(String json) {
        assertBad(json, AgentAnswers::info);
    }

    @Test
    void another_syncs_answer_is_a_bad_reply() {
        assertBad("{\"return\":16}", reply -> {
            AgentAnswers.sync(reply, 17);
            return reply;
        });
        assertBad("{\"return\":{\"pid\":-1}}", AgentAnswers::pid);
    }

    @Test
    void depth_is_bounded() {
        assertBad("{\"return\":" + "[".repeat(100_000), Function.identity());
        assertBad("{\"return\":" + "[".repeat(25) + "]".repeat(25) + "}", Function.identity());
    }

    @Test
    void size_is_bounded() {
        String answer = "{\"return\":\"frozen\"}";
        String longest = answer + " ".repeat(Bounds.MAX_REPLY - answer.length());
        assertThat(AgentAnswers.freezeStatus(parse(longest))).isEqualTo(FreezeStatus.FROZEN);
        assertBad(longest + " ", AgentAnswers::freezeStatus);
        assertBad("{\"return\":{\"id\":\"" + "x".repeat(Bounds.MAX_TEXT + 1) + "\"}}", AgentAnswers::osId);
        String commands = IntStream.rangeClosed(0, Bounds.MAX_ENTRIES)
                .mapToObj(i -> "{\"name\":\"c\",\"enabled\":true}")
                .collect(Collectors.joining(",", "[", "]"));
        assertBad("{\"return\":{\"version\":\"1\",\"supported_commands\":" + commands + "}}", AgentAnswers::info);
    }

    @Test
    void text_that_is_not_utf8_is_a_bad_reply() {
        byte[] json = "{\"return\":\"x\"}".getBytes(UTF_8);
        json[11] = (byte) 0xE4;
        assertThatExceptionOfType(GuestException.class)
                .isThrownBy(() -> AgentReply.parse(json))
                .matches(e -> e.failure() == GuestFailure.BAD_REPLY);
    }

    @Test
    void half_a_surrogate_pair_is_a_bad_reply() {
        assertThat(AgentAnswers.osId(parse("{\"return\":{\"id\":\"\\ud83e\\udd8a\"}}")))
                .contains("🦊");
        for (String half : new String[] {"\\ud83e", "\\udd8a", "\\udd8a\\ud83e"}) {
            assertBad("{\"return\":{\"id\":\"" + half + "\"}}", AgentAnswers::osId);
        }
    }

    @Test
    void a_bad_reply_keeps_nothing_of_the_answer_but_a_printable_word() {
        assertThatExceptionOfType(GuestException.class)
                .isThrownBy(() -> parse("ro\u202eot"))
                .withNoCause()
                .withMessageContaining("ro?ot");
    }

    @Test
    void a_count_of_filesystems_is_bounded() {
        assertThat(Bounds.filesystemCount(0)).isZero();
        assertThat(Bounds.filesystemCount(10_000)).isEqualTo(10_000);
        for (int absurd : new int[] {-1, 10_001, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertThatExceptionOfType(GuestException.class)
                    .isThrownBy(() -> Bounds.filesystemCount(absurd))
                    .matches(e -> e.failure() == GuestFailure.BAD_REPLY);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"guest-fsfreeze-status", "guest-sync", "guest-exec"})
    void an_answer_of_few_words_takes_little_memory(String command) {
        String longest = "{\"return\":\"%s\"}".formatted("a".repeat(Bounds.MAX_SHORT_REPLY));
        try (Memory reply = new Memory(longest.length() + 1L)) {
            reply.setString(0, longest);
            assertThatExceptionOfType(GuestException.class)
                    .isThrownBy(() ->
                            NativeText.bytes(reply, AgentCommand.of(command).mostBytes()))
                    .matches(e -> e.failure() == GuestFailure.BAD_REPLY);
            assertThat(NativeText.bytes(reply, AgentCommand.of("guest-info").mostBytes()))
                    .hasSize(longest.length());
        }
    }

    private static AgentReply parse(String json) {
        return AgentReply.parse(json.getBytes(UTF_8));
    }

    private static void assertBad(String json, Function<AgentReply, ?> read) {
        assertThatExceptionOfType(GuestException.class)
                .isThrownBy(() -> read.apply(parse(json)))
                .matches(e -> e.failure() == GuestFailure.BAD_REPLY, "is a bad reply");
    }
}
