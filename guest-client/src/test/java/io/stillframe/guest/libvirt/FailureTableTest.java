package io.stillframe.guest.libvirt;

import static io.stillframe.guest.GuestFailure.AGENT_COMMAND_FAILED;
import static io.stillframe.guest.GuestFailure.AGENT_NOT_CONFIGURED;
import static io.stillframe.guest.GuestFailure.AGENT_TIMEOUT;
import static io.stillframe.guest.GuestFailure.AGENT_UNRESPONSIVE;
import static io.stillframe.guest.GuestFailure.CONNECTION_LOST;
import static io.stillframe.guest.GuestFailure.LOCKED;
import static io.stillframe.guest.GuestFailure.NOT_RUNNING;
import static io.stillframe.guest.GuestFailure.NO_SUCH_DOMAIN;
import static io.stillframe.guest.GuestFailure.REJECTED;
import static io.stillframe.guest.GuestFailure.UNSUPPORTED;
import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.guest.Printable;
import io.stillframe.guest.libvirt.LibvirtError.Channel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FailureTableTest {
    private static final int FROM_RPC = 7;
    private static final int FROM_QEMU = 10;
    private static final int FROM_REMOTE = 13;

    @ParameterizedTest
    @CsvSource({
        "42, NO_SUCH_DOMAIN",
        "55, NOT_RUNNING",
        "68, LOCKED",
        "3, UNSUPPORTED",
        "67, UNSUPPORTED",
        "84, UNSUPPORTED",
        "86, AGENT_UNRESPONSIVE",
        "112, AGENT_TIMEOUT",
        "113, AGENT_COMMAND_FAILED",
        "39, CONNECTION_LOST",
        "5, CONNECTION_LOST",
        "6, CONNECTION_LOST",
        "38, REJECTED",
        "8, REJECTED",
        "9, REJECTED",
        "9999, REJECTED"
    })
    void most_numbers_mean_the_same_on_either_channel(int code, GuestFailure failure) {
        for (Channel channel : Channel.values()) {
            assertThat(FailureTable.failure(code, FROM_QEMU, channel)).isEqualTo(failure);
        }
    }

    @Test
    void an_internal_error_is_the_agents_own_only_on_an_agent_call() {
        assertThat(FailureTable.failure(1, FROM_QEMU, Channel.AGENT)).isEqualTo(AGENT_COMMAND_FAILED);
        assertThat(FailureTable.failure(1, FROM_QEMU, Channel.DOMAIN)).isEqualTo(REJECTED);
    }

    @Test
    void an_unsupported_argument_is_a_missing_agent_channel_only_on_an_agent_call() {
        assertThat(FailureTable.failure(74, FROM_QEMU, Channel.AGENT)).isEqualTo(AGENT_NOT_CONFIGURED);
        assertThat(FailureTable.failure(74, FROM_QEMU, Channel.DOMAIN)).isEqualTo(UNSUPPORTED);
    }

    @ParameterizedTest
    @EnumSource
    void a_broken_socket_is_a_lost_connection_under_any_of_its_numbers(Channel channel) {
        for (int code : new int[] {1, 38}) {
            assertThat(FailureTable.failure(code, FROM_RPC, channel)).isEqualTo(CONNECTION_LOST);
            assertThat(FailureTable.failure(code, FROM_REMOTE, channel)).isEqualTo(CONNECTION_LOST);
        }
    }

    @Test
    void an_unknown_effect_is_never_taken_for_a_refusal() {
        assertThat(AGENT_TIMEOUT.effectUnknown()).isTrue();
        assertThat(AGENT_UNRESPONSIVE.effectUnknown()).isTrue();
        assertThat(CONNECTION_LOST.effectUnknown()).isTrue();
        assertThat(NO_SUCH_DOMAIN.effectUnknown()).isFalse();
        assertThat(NOT_RUNNING.effectUnknown()).isFalse();
        assertThat(LOCKED.effectUnknown()).isFalse();
    }

    @Test
    void a_guests_text_in_a_message_is_one_bounded_printable_line() {
        String hostile = "\u001b[2Jok\nroot: \u202E\u0007" + "x".repeat(10_000);
        GuestException e =
                new LibvirtError(1, FROM_QEMU, hostile).asException(Channel.AGENT, "freeze of vm 'a\nb'", null);

        assertThat(e.getMessage()).startsWith("freeze of vm 'a?b': ?[2Jok?root: ??xxx");
        assertThat(e.getMessage()).hasSize(Printable.MAX_LENGTH);
        assertThat(e.libvirtCode()).isEqualTo(1);
    }
}
