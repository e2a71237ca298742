package io.stillframe.orchestrator.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainState;
import io.stillframe.guest.FakeGuest;
import io.stillframe.guest.FakeHypervisor;
import io.stillframe.guest.Faults.Kind;
import io.stillframe.guest.GuestAgent;
import io.stillframe.guest.GuestException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class FreezeLeaseTest {
    private static final List<String> ALL = List.of();

    private static final Duration LONG = Duration.ofMinutes(5);
    private static final Duration SHORT = Duration.ofMillis(20);

    private final FakeGuest guest = new FakeGuest("db01").with("vda", Path.of("/images/vda.qcow2"));
    private final FakeHypervisor hypervisor = new FakeHypervisor(guest);
    private final VirtualTiming timing = new VirtualTiming();
    private final Domain domain = hypervisor.domain("db01");
    private final GuestAgent agent = hypervisor.agent(guest.id());
    private FreezeLease lease = lease(LONG);

    @AfterEach
    void letGo() {
        lease.close();
        assertThat(guest.isFrozen()).isFalse();
    }

    @Test
    void a_lease_without_a_hold_owes_nothing_and_does_nothing() {
        lease.close();
        assertThat(lease.owed()).isFalse();
        assertThat(guest.faults().calls()).doesNotContain("thaw", "resume", "status");
    }

    @Test
    void what_is_frozen_is_thawed_and_confirmed() {
        assertThat(lease.freeze(agent, ALL)).isEqualTo(1);
        Thaw thaw = lease.thaw();
        assertThat(thaw.confirmed()).isTrue();
        assertThat(thaw.filesystems()).isEqualTo(1);
        assertThat(thaw.attempts()).isEqualTo(1);
        assertThat(lease.expired()).isFalse();
    }

    @Test
    void a_release_is_made_once_and_gives_the_same_answer_ever_after() {
        lease.freeze(agent, ALL);
        Thaw thaw = lease.thaw();
        assertThat(lease.thaw()).isSameAs(thaw);
        lease.close();
        lease.close();
        assertThat(lease.thaw()).isSameAs(thaw);
        assertThat(guest.faults().count("thaw")).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void a_freeze_that_failed_is_owed_a_release_all_the_same(Kind kind) {
        guest.faults().on("freeze", kind);
        assertThatExceptionOfType(GuestException.class).isThrownBy(() -> lease.freeze(agent, ALL));
        assertThat(lease.owed()).isTrue();
        lease.close();
        assertThat(guest.faults().count("thaw")).isEqualTo(1);
    }

    @Test
    void a_hold_that_nobody_ends_is_ended_by_the_limit() throws Exception {
        CountDownLatch thawed = new CountDownLatch(1);
        guest.faults().before("status", thawed::countDown);
        lease = lease(SHORT);
        lease.freeze(agent, ALL);
        assertThat(thawed.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(lease.thaw().confirmed()).isTrue();
        assertThat(lease.expired()).isTrue();
        assertThat(guest.faults().count("thaw")).isEqualTo(1);
    }

    @Test
    void a_holder_that_is_stuck_does_not_keep_the_guest_frozen() {
        lease = lease(SHORT);
        lease.freeze(agent, ALL);
        guest.faults().on("switchTo", Kind.LATE);
        domain.switchTo(java.util.List.of()); // returns only when somebody has thawed the guest
        assertThat(lease.expired()).isTrue();
        assertThat(lease.thaw().confirmed()).isTrue();
    }

    @Test
    void a_freeze_that_reaches_the_guest_after_the_release_is_released_too() {
        guest.faults()
                .before("freeze", () -> assertThat(lease.thaw().confirmed()).isTrue());
        lease.freeze(agent, ALL);
        assertThat(lease.thaw().confirmed()).isTrue();
        assertThat(guest.isFrozen()).isFalse();
        assertThat(guest.faults().count("thaw")).isEqualTo(2);
    }

    @Test
    void a_pause_that_reaches_the_machine_after_the_release_is_released_too() {
        guest.faults()
                .before("suspend", () -> assertThat(lease.thaw().confirmed()).isTrue());
        lease.pause(domain);
        assertThat(lease.thaw().confirmed()).isTrue();
        assertThat(guest.state()).isEqualTo(DomainState.RUNNING);
        assertThat(guest.faults().count("resume")).isEqualTo(2);
    }

    @Test
    void nothing_is_held_any_more_once_a_release_has_begun() {
        lease.freeze(agent, ALL);
        lease.thaw();
        assertThatExceptionOfType(GuestException.class).isThrownBy(() -> lease.pause(domain));
        assertThatExceptionOfType(GuestException.class).isThrownBy(() -> lease.freeze(agent, ALL));
        assertThat(guest.faults().calls()).doesNotContain("suspend");
        assertThat(guest.faults().count("freeze")).isEqualTo(1);
    }

    @Test
    void a_limit_below_a_second_is_no_limit_that_an_agent_would_refuse() {
        lease = lease(Duration.ofMillis(800));
        assertThat(lease.freeze(agent, ALL)).isEqualTo(1);
    }

    @Test
    void a_paused_and_frozen_machine_is_resumed_before_it_is_thawed() {
        lease.freeze(agent, ALL);
        lease.pause(domain);
        assertThat(guest.state()).isEqualTo(DomainState.PAUSED);
        assertThat(lease.thaw().confirmed()).isTrue();
        assertThat(guest.faults().calls()).containsSubsequence("freeze", "suspend", "resume", "thaw", "status");
        assertThat(guest.state()).isEqualTo(DomainState.RUNNING);
    }

    @Test
    void a_machine_that_was_only_paused_is_resumed_and_not_thawed() {
        lease.pause(domain);
        Thaw thaw = lease.thaw();
        assertThat(thaw.confirmed()).isTrue();
        assertThat(thaw.how()).isEqualTo("resumed");
        assertThat(guest.faults().calls()).doesNotContain("thaw");
    }

    @Test
    void a_release_that_breaks_is_not_a_confirmed_one() {
        guest.faults().before("thaw", () -> {
            throw new IllegalStateException("broken");
        });
        lease.freeze(agent, ALL);
        Thaw thaw = lease.thaw();
        assertThat(thaw.confirmed()).isFalse();
        assertThat(thaw.how()).contains("broken");
        guest.thawBehindTheAgent();
    }

    private FreezeLease lease(Duration limit) {
        Release release = new GuestRelease(
                hypervisor.domain("db01"),
                hypervisor.agent(guest.id()),
                Lease.unknown(guest.id()),
                timing,
                Duration.ofMinutes(1));
        return new FreezeLease(release, timing, limit);
    }
}
