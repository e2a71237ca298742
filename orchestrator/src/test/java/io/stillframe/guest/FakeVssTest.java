package io.stillframe.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.stillframe.guest.GuestAgent.FreezeStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The script of Windows' agent, line by line of what {@link FakeVss} names: it judges what a run makes of it. */
class FakeVssTest {
    private static final Duration LIMIT = Duration.ofSeconds(1);

    private final AtomicLong now = new AtomicLong();
    private final FakeGuest guest = new FakeGuest("db01")
            .withNtfs("vda", Path.of("/images/vda"))
            .withNtfs("vdb", Path.of("/images/vdb"))
            .filesystem(new GuestFilesystem("E:\\", FakeGuest.volume("usb"), "FAT32", List.of()))
            .filesystem(new GuestFilesystem("D:\\", FakeGuest.volume("disc"), "CDFS", List.of()))
            .windows(now::get);
    private final GuestAgent agent = new FakeHypervisor(guest).agent(guest.id());

    @Test
    void a_thaw_in_time_counts_what_was_frozen() {
        assertThat(agent.freeze(List.of(FakeGuest.volume("vda"), FakeGuest.volume("vdb")), LIMIT))
                .isEqualTo(2);
        pass(FakeVss.HOLD.minusNanos(1));
        assertThat(guest.isFrozen()).isTrue();
        assertThat(agent.thaw(LIMIT)).isEqualTo(2);
        assertThat(agent.status(LIMIT)).isEqualTo(FreezeStatus.THAWED);
    }

    @Test
    void vss_lets_go_by_itself_and_the_agent_goes_on_saying_frozen() {
        agent.freeze(LIMIT);
        pass(FakeVss.HOLD);
        assertThat(guest.isFrozen()).isFalse();
        assertThat(agent.status(LIMIT)).isEqualTo(FreezeStatus.FROZEN);
    }

    @Test
    void only_the_first_thaw_after_that_tells_and_takes_the_flag_down() {
        agent.freeze(LIMIT);
        pass(FakeVss.HOLD);
        assertFails(() -> agent.thaw(LIMIT), "limited up to 10 seconds");
        assertThat(agent.status(LIMIT)).isEqualTo(FreezeStatus.THAWED);
        assertThat(agent.thaw(LIMIT)).isZero();
    }

    @Test
    void some_do_not_tell() {
        guest.keepingSilentOfTimeouts();
        agent.freeze(LIMIT);
        pass(FakeVss.HOLD);
        assertThat(agent.thaw(LIMIT)).isEqualTo(3);
    }

    @Test
    void without_a_list_every_fixed_drive_is_taken_whatever_is_on_it() {
        assertThat(agent.freeze(LIMIT)).isEqualTo(3);
    }

    @Test
    void a_name_that_is_none_fails_all_and_nothing_is_frozen() {
        assertFails(
                () -> agent.freeze(List.of(FakeGuest.volume("vda"), "System Reserved"), LIMIT),
                "failed to add System Reserved to snapshot set");
        assertThat(guest.isFrozen()).isFalse();
        assertThat(agent.status(LIMIT)).isEqualTo(FreezeStatus.THAWED);
    }

    @Test
    void what_is_frozen_is_not_frozen_again() {
        agent.freeze(LIMIT);
        assertFails(() -> agent.freeze(LIMIT), "frozen state");
        pass(FakeVss.HOLD);
        assertFails(() -> agent.freeze(LIMIT), "frozen state");
    }

    @Test
    void a_machine_that_was_off_knows_of_no_freeze() {
        agent.freeze(LIMIT);
        guest.in(DomainState.SHUT_OFF).in(DomainState.RUNNING);
        assertThat(agent.thaw(LIMIT)).isZero();
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    private static void assertFails(Runnable call, String text) {
        assertThatExceptionOfType(GuestException.class)
                .isThrownBy(call::run)
                .matches(e -> e.failure() == GuestFailure.AGENT_COMMAND_FAILED)
                .withMessageContaining(text);
    }
}
