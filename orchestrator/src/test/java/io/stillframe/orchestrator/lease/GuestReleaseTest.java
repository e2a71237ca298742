package io.stillframe.orchestrator.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.stillframe.guest.DomainState;
import io.stillframe.guest.FakeGuest;
import io.stillframe.guest.FakeHypervisor;
import io.stillframe.guest.Faults.Kind;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.orchestrator.lease.Lease.SysRq;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GuestReleaseTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final FakeGuest guest = new FakeGuest("db01").with("vda", Path.of("/images/vda.qcow2"));
    private final FakeHypervisor hypervisor = new FakeHypervisor(guest);
    private final VirtualTiming timing = new VirtualTiming();
    private Lease lease = Lease.unknown(guest.id());

    @Test
    void a_guest_that_somebody_else_froze_is_thawed() {
        guest.frozenByAnother();
        Thaw thaw = thaw();
        assertThat(thaw.confirmed()).isTrue();
        assertThat(thaw.filesystems()).isEqualTo(1);
        assertThat(guest.isFrozen()).isFalse();
    }

    @Test
    void a_guest_that_is_not_frozen_is_confirmed_as_such() {
        Thaw thaw = thaw();
        assertThat(thaw.confirmed()).isTrue();
        assertThat(thaw.filesystems()).isZero();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void a_thaw_is_tried_again_until_the_guest_confirms_it(Kind kind) {
        guest.frozenByAnother().faults().on("thaw", kind, 5);
        Thaw thaw = thaw();
        assertThat(thaw.confirmed()).isTrue();
        assertThat(thaw.attempts()).isEqualTo(6);
        assertThat(guest.isFrozen()).isFalse();
    }

    @Test
    void the_first_failure_stays_told() {
        guest.frozenByAnother().faults().on("thaw", Kind.REFUSED, 2);
        assertThat(thaw().how())
                .isEqualTo("the agent thawed 1 and says thawed, after a first failure: thaw was refused");
    }

    @Test
    void an_answered_thaw_is_not_believed_before_the_status_says_so() {
        guest.frozenByAnother().faults().on("status", Kind.REFUSED, 2);
        Thaw thaw = thaw();
        assertThat(thaw.confirmed()).isTrue();
        assertThat(thaw.attempts()).isEqualTo(3);
        assertThat(thaw.filesystems()).as("of the first thaw that was answered").isEqualTo(1);
    }

    @Test
    void an_agent_that_never_answers_is_given_up_at_the_limit() {
        guest.withoutSysrq().frozenByAnother().faults().on("thaw", Kind.REFUSED, 10_000);
        Thaw thaw = thaw();
        assertThat(thaw.confirmed()).isFalse();
        assertThat(thaw.filesystems()).isEqualTo(-1);
        assertThat(thaw.attempts()).isGreaterThan(5);
        assertThat(thaw.window()).isBetween(LIMIT, LIMIT.plusSeconds(2));
        assertThat(thaw.how()).isEqualTo("thaw was refused");
    }

    @Test
    void a_guest_that_goes_on_saying_frozen_is_not_confirmed() {
        guest.faults().before("status", guest::frozenByAnother);
        Thaw thaw = thaw();
        assertThat(thaw.confirmed()).isFalse();
        assertThat(thaw.how()).isEqualTo("the agent still says frozen");
    }

    @Test
    void a_machine_that_is_off_holds_nothing_frozen() {
        guest.in(DomainState.SHUT_OFF);
        Thaw thaw = thaw();
        assertThat(thaw.confirmed()).isTrue();
        assertThat(thaw.how()).isEqualTo("the machine is off");
    }

    @Test
    void a_machine_whose_state_nobody_knows_is_not_taken_for_off() {
        guest.in(DomainState.SHUT_OFF).faults().on("state", Kind.REFUSED, 10_000);
        assertThat(thaw().confirmed()).isFalse();
    }

    @Test
    void a_guest_whose_agent_goes_on_failing_is_thawed_by_keyboard_and_known_by_its_writes() {
        lease = lease(SysRq.ALLOWED, Set.of("vda"));
        guest.frozenByAnother().faults().on("thaw", Kind.REFUSED, 10_000);
        Thaw thaw = thaw();
        assertThat(thaw.by()).isEqualTo(Thaw.Means.SYSRQ);
        assertThat(thaw.keys()).isTrue();
        assertThat(thaw.how()).contains("Alt+SysRq+J", "thaw was refused");
        assertThat(guest.isFrozen()).isFalse();
        assertThat(guest.faults().count("sendKeys")).isEqualTo(1);
    }

    @Test
    void an_agent_that_comes_back_soon_is_not_passed_over() {
        guest.frozenByAnother().faults().on("thaw", Kind.REFUSED, 4);
        Thaw thaw = thaw();
        assertThat(thaw.by()).isEqualTo(Thaw.Means.AGENT);
        assertThat(thaw.keys()).isFalse();
        assertThat(guest.faults().calls()).doesNotContain("sendKeys");
    }

    @Test
    void an_agent_that_comes_back_after_the_keys_confirms_by_itself() {
        guest.frozenByAnother()
                .faults()
                .on("thaw", Kind.REFUSED, 10_000)
                .before("sendKeys", () -> guest.faults().clear("thaw"));
        Thaw thaw = thaw();
        assertThat(thaw.by()).isEqualTo(Thaw.Means.AGENT);
        assertThat(thaw.keys()).isTrue();
        assertThat(thaw.filesystems()).as("the kernel had thawed it").isZero();
    }

    @Test
    void keys_that_a_guest_is_known_not_to_obey_are_not_pressed() {
        lease = lease(SysRq.REFUSED, Set.of("vda"));
        guest.frozenByAnother().faults().on("thaw", Kind.REFUSED, 10_000);
        assertThat(thaw().confirmed()).isFalse();
        assertThat(guest.faults().calls()).doesNotContain("sendKeys", "written");
    }

    @Test
    void keys_that_had_no_effect_confirm_nothing_and_are_pressed_again() {
        guest.withoutSysrq().frozenByAnother().faults().on("thaw", Kind.REFUSED, 10_000);
        Thaw thaw = thaw(Duration.ofSeconds(40), Duration.ZERO);
        assertThat(thaw.confirmed()).isFalse();
        assertThat(thaw.keys()).isTrue();
        assertThat(guest.faults().count("sendKeys")).isBetween(2L, 4L);
    }

    @ParameterizedTest
    @EnumSource(
            value = SysRq.class,
            names = {"ALLOWED", "UNKNOWN"})
    void writes_prove_nothing_where_the_keys_or_the_disks_are_not_known(SysRq sysRq) {
        lease = lease(sysRq, sysRq == SysRq.ALLOWED ? Set.of() : Set.of("vda"));
        guest.with("vdb", Path.of("/images/vdb.qcow2"))
                .withoutSysrq()
                .freezingAtMost(1)
                .frozenByAnother();
        guest.faults().on("thaw", Kind.REFUSED, 10_000).before("sendKeys", guest::writing);
        Thaw thaw = thaw();
        assertThat(thaw.keys()).isTrue();
        assertThat(thaw.confirmed()).isFalse();
        assertThat(guest.isFrozen()).isTrue();
    }

    @Test
    void a_disk_that_no_freeze_holds_keeps_no_keys_from_being_pressed() {
        lease = lease(SysRq.ALLOWED, Set.of("vda"));
        guest.with("vdb", Path.of("/images/vdb.qcow2"))
                .freezingAtMost(1)
                .frozenByAnother()
                .writing();
        guest.faults().on("thaw", Kind.REFUSED, 10_000);
        assertThat(thaw().by()).isEqualTo(Thaw.Means.SYSRQ);
        assertThat(guest.isFrozen()).isFalse();
    }

    @Test
    void keys_confirm_nothing_while_a_freeze_may_still_come() {
        lease = lease(SysRq.ALLOWED, Set.of("vda"));
        guest.faults().on("freeze", Kind.LATE).on("thaw", Kind.REFUSED, 10_000).on("status", Kind.REFUSED, 10_000);
        guest.frozenByAnother();
        try (FreezeLease held = new FreezeLease(release(LIMIT), timing, Duration.ofMinutes(5))) {
            assertThatExceptionOfType(GuestException.class)
                    .isThrownBy(() -> held.freeze(hypervisor.agent(guest.id()), List.of()));
            assertThat(held.thaw().keys()).isTrue();
            assertThat(held.thaw().confirmed()).isFalse();
        }
    }

    @Test
    void an_error_is_an_attempt_that_failed_and_no_more() {
        guest.frozenByAnother().faults().before("thaw", () -> {
            if (guest.faults().count("thaw") < 3) {
                throw new OutOfMemoryError("another guest's answer");
            }
        });
        assertThat(thaw().by()).isEqualTo(Thaw.Means.AGENT);
        guest.faults().before("status", () -> {
            throw new OutOfMemoryError("another guest's answer");
        });
        assertThat(look().is()).isEqualTo(Frozenness.Answer.UNKNOWN);
    }

    @Test
    void a_disk_that_was_written_to_all_along_proves_no_thaw() {
        lease = lease(SysRq.ALLOWED, Set.of("vda"));
        guest.writing().faults().on("thaw", Kind.REFUSED, 10_000);
        Thaw thaw = thaw();
        assertThat(thaw.confirmed()).isFalse();
        assertThat(thaw.keys()).as("the swap beside a frozen filesystem").isTrue();
    }

    @Test
    void a_broken_way_to_the_guest_is_no_reason_to_press_keys() {
        guest.frozenByAnother().faults().before("thaw", () -> {
            throw new GuestException(GuestFailure.CONNECTION_LOST, "libvirtd is gone");
        });
        assertThat(thaw().confirmed()).isFalse();
        assertThat(guest.faults().calls()).doesNotContain("sendKeys", "written");
        guest.thawBehindTheAgent();
    }

    @Test
    void a_freeze_that_comes_after_the_thaw_is_thawed_too_where_its_sender_is_no_more() {
        guest.frozenByAnother().faults().before("status", () -> {
            if (guest.faults().count("status") == 2) {
                guest.frozenByAnother();
            }
        });
        Thaw thaw = thaw(LIMIT, Duration.ofSeconds(2));
        assertThat(thaw.confirmed()).isTrue();
        assertThat(thaw.attempts()).isEqualTo(2);
        assertThat(guest.isFrozen()).isFalse();
    }

    @Test
    void whether_a_guest_is_held_is_asked_of_the_guest_and_of_qemu() {
        assertThat(look().is()).isEqualTo(Frozenness.Answer.FREE);
        guest.frozenByAnother();
        assertThat(look().is()).isEqualTo(Frozenness.Answer.HELD);
        guest.in(DomainState.PAUSED);
        assertThat(look().is()).isEqualTo(Frozenness.Answer.UNKNOWN);
        guest.in(DomainState.SHUT_OFF);
        assertThat(look().is()).isEqualTo(Frozenness.Answer.FREE);
    }

    @Test
    void a_guest_that_says_frozen_is_held_whatever_it_writes_elsewhere() {
        guest.with("vdb", Path.of("/images/vdb.qcow2"))
                .freezingAtMost(1)
                .frozenByAnother()
                .writing();
        assertThat(look().is()).isEqualTo(Frozenness.Answer.HELD);
        assertThat(guest.isFrozen()).isTrue();
    }

    @Test
    void a_silent_agent_leaves_it_unknown_whatever_the_guest_writes() {
        guest.writing().faults().on("status", Kind.REPLY_LOST, 2);
        assertThat(look().is()).isEqualTo(Frozenness.Answer.UNKNOWN);
        guest.faults().on("state", Kind.REFUSED);
        assertThat(look().is()).isEqualTo(Frozenness.Answer.UNKNOWN);
    }

    private Lease lease(SysRq sysRq, Set<String> disks) {
        return new Lease(guest.id(), Optional.empty(), Duration.ofSeconds(10), true, false, disks, sysRq);
    }

    private Frozenness look() {
        return release(LIMIT).look();
    }

    private GuestRelease release(Duration patience) {
        return new GuestRelease(hypervisor.domain("db01"), hypervisor.agent(guest.id()), lease, timing, patience);
    }

    private Thaw thaw() {
        return thaw(LIMIT, Duration.ZERO);
    }

    private Thaw thaw(Duration patience, Duration settle) {
        try (FreezeLease adopted = FreezeLease.adopt(release(patience), timing, lease, Duration.ofMinutes(5), settle)) {
            return adopted.thaw();
        }
    }
}
