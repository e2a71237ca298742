package io.stillframe.orchestrator.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.guest.DomainState;
import io.stillframe.guest.FakeGuest;
import io.stillframe.guest.FakeHypervisor;
import io.stillframe.guest.Faults.Kind;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReleaseTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final FakeGuest guest = new FakeGuest("db01").with("vda", Path.of("/images/vda.qcow2"));
    private final FakeHypervisor hypervisor = new FakeHypervisor(guest);
    private final VirtualTiming timing = new VirtualTiming();
    private final Release release = new Release(hypervisor.domain("db01"), hypervisor.agent(guest.id()), timing, LIMIT);

    @Test
    void a_guest_that_somebody_else_froze_is_thawed() {
        guest.frozenByAnother();
        Thaw thaw = release.thaw();
        assertThat(thaw.confirmed()).isTrue();
        assertThat(thaw.filesystems()).isEqualTo(1);
        assertThat(guest.isFrozen()).isFalse();
    }

    @Test
    void a_guest_that_is_not_frozen_is_confirmed_as_such() {
        Thaw thaw = release.thaw();
        assertThat(thaw.confirmed()).isTrue();
        assertThat(thaw.filesystems()).isZero();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void a_thaw_is_tried_again_until_the_guest_confirms_it(Kind kind) {
        guest.frozenByAnother().faults().on("thaw", kind, 5);
        Thaw thaw = release.thaw();
        assertThat(thaw.confirmed()).isTrue();
        assertThat(thaw.attempts()).isEqualTo(6);
        assertThat(guest.isFrozen()).isFalse();
    }

    @Test
    void an_answered_thaw_is_not_believed_before_the_status_says_so() {
        guest.frozenByAnother().faults().on("status", Kind.REFUSED, 2);
        Thaw thaw = release.thaw();
        assertThat(thaw.confirmed()).isTrue();
        assertThat(thaw.attempts()).isEqualTo(3);
        assertThat(thaw.filesystems()).as("of the first thaw that was answered").isEqualTo(1);
    }

    @Test
    void an_agent_that_never_answers_is_given_up_at_the_limit() {
        guest.frozenByAnother().faults().on("thaw", Kind.REFUSED, 10_000);
        Thaw thaw = release.thaw();
        assertThat(thaw.confirmed()).isFalse();
        assertThat(thaw.filesystems()).isEqualTo(-1);
        assertThat(thaw.attempts()).isGreaterThan(5);
        assertThat(thaw.window()).isBetween(LIMIT, LIMIT.plusSeconds(2));
        assertThat(thaw.how()).isEqualTo("thaw was refused");
    }

    @Test
    void a_guest_that_goes_on_saying_frozen_is_not_confirmed() {
        guest.faults().before("status", guest::frozenByAnother);
        Thaw thaw = release.thaw();
        assertThat(thaw.confirmed()).isFalse();
        assertThat(thaw.how()).isEqualTo("the agent still says frozen");
    }

    @Test
    void a_machine_that_is_off_holds_nothing_frozen() {
        guest.in(DomainState.SHUT_OFF);
        Thaw thaw = release.thaw();
        assertThat(thaw.confirmed()).isTrue();
        assertThat(thaw.how()).isEqualTo("the machine is off");
    }

    @Test
    void a_machine_whose_state_nobody_knows_is_not_taken_for_off() {
        guest.in(DomainState.SHUT_OFF).faults().on("state", Kind.REFUSED, 10_000);
        assertThat(release.thaw().confirmed()).isFalse();
    }
}
