package io.stillframe.orchestrator.sentinel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.stillframe.guest.DomainState;
import io.stillframe.guest.FakeGuest;
import io.stillframe.guest.FakeHypervisor;
import io.stillframe.guest.Faults.Kind;
import io.stillframe.orchestrator.TickingClock;
import io.stillframe.orchestrator.lease.GuardException;
import io.stillframe.orchestrator.lease.Intervention;
import io.stillframe.orchestrator.lease.Intervention.Cause;
import io.stillframe.orchestrator.lease.Lease;
import io.stillframe.orchestrator.lease.Lease.SysRq;
import io.stillframe.orchestrator.lease.SteppedTiming;
import io.stillframe.orchestrator.lease.Thaw;
import io.stillframe.orchestrator.lease.VirtualTiming;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class SentinelTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final FakeGuest guest = new FakeGuest("db01").with("vda", Path.of("/images/vda.qcow2"));
    private final UUID vm = guest.id().uuid();
    private final FakeHypervisor hypervisor = new FakeHypervisor(guest);
    private final SteppedTiming timing = new SteppedTiming();
    private final Lease lease =
            new Lease(guest.id(), Optional.of("run"), LIMIT, true, false, Set.of("vda"), SysRq.ALLOWED);

    @TempDir
    private Path directory;

    private LeaseFiles files;
    private Sentinel sentinel;

    @BeforeEach
    void stand() {
        files = new LeaseFiles(directory);
        sentinel = new Sentinel(hypervisor, files, timing, new TickingClock());
    }

    @Test
    void a_lease_is_on_the_disk_and_in_its_hands_once_it_is_armed() {
        sentinel.arm(lease);
        assertThat(files.open()).containsExactly(vm);
        assertThat(files.peek(vm)).contains(lease);
        assertThat(files.take(vm)).as("in the sentinel's hands").isEmpty();
        assertThat(guest.faults().calls()).doesNotContain("thaw", "resume");
    }

    @Test
    void a_guest_that_its_holder_released_is_left_alone_and_its_lease_forgotten() {
        sentinel.arm(lease);
        assertThat(sentinel.disarm(vm)).isEmpty();
        timing.pass(Duration.ofHours(1));
        sentinel.holderGone();
        assertThat(guest.faults().calls()).doesNotContain("thaw", "resume");
        assertThat(files.open()).isEmpty();
        assertThat(guest.openHandles()).isZero();
    }

    @Test
    void a_holder_that_dies_has_its_guest_released_and_what_was_done_written_down() {
        sentinel.arm(lease);
        guest.frozenByAnother();
        sentinel.holderGone();
        assertThat(guest.isFrozen()).isFalse();
        Intervention done = written();
        assertThat(done.because()).isEqualTo(Cause.HOLDER_GONE);
        assertThat(done.thaw().by()).isEqualTo(Thaw.Means.AGENT);
        assertThat(done.thaw().filesystems()).isEqualTo(1);
        assertThat(guest.openHandles()).isZero();
    }

    @Test
    void a_holder_that_hangs_has_its_guest_released_at_the_deadline_and_not_before() {
        sentinel.arm(lease);
        guest.frozenByAnother();
        timing.pass(lease.sentinelDeadline().minusMillis(1));
        assertThat(guest.isFrozen()).isTrue();
        timing.pass(Duration.ofMillis(1));
        assertThat(guest.isFrozen()).isFalse();
        assertThat(sentinel.intervention(vm)).isPresent();
    }

    @Test
    void a_holder_that_asks_while_the_sentinel_acts_is_told_what_came_of_it() throws Exception {
        sentinel.arm(lease);
        guest.frozenByAnother();
        CompletableFuture<Optional<Thaw>> told = new CompletableFuture<>();
        Thread holder = new Thread(() -> told.complete(sentinel.awaitIntervention(vm)));
        guest.faults().before("status", () -> startUntilItWaits(holder)); // thawed, and not yet confirmed
        timing.pass(lease.sentinelDeadline());
        assertThat(told.get(30, TimeUnit.SECONDS)).map(Thaw::filesystems).contains(1);
    }

    private static void startUntilItWaits(Thread thread) {
        if (thread.getState() == Thread.State.NEW) {
            thread.start();
        }
        while (thread.getState() == Thread.State.RUNNABLE) {
            Thread.onSpinWait();
        }
    }

    @Test
    void a_holder_that_was_late_learns_what_was_done_when_it_gives_the_guest_back() {
        sentinel.arm(lease);
        guest.frozenByAnother();
        timing.pass(lease.sentinelDeadline());
        assertThat(sentinel.disarm(vm)).map(Thaw::filesystems).contains(1);
        assertThat(files.open()).isEmpty();
    }

    @Test
    void a_guest_that_a_late_holder_froze_in_its_last_moment_is_released_again() {
        sentinel.arm(lease);
        guest.frozenByAnother();
        timing.pass(lease.sentinelDeadline());
        guest.frozenByAnother();
        sentinel.holderGone();
        assertThat(guest.isFrozen()).isFalse();
    }

    @Test
    void a_paused_machine_is_resumed_where_its_holder_may_have_paused_it() {
        Lease pausing = new Lease(guest.id(), Optional.of("run"), LIMIT, true, true, Set.of("vda"), SysRq.ALLOWED);
        sentinel.arm(pausing);
        guest.frozenByAnother();
        guest.in(DomainState.PAUSED);
        sentinel.holderGone();
        assertThat(guest.state()).isEqualTo(DomainState.RUNNING);
        assertThat(guest.isFrozen()).isFalse();
    }

    @Test
    void a_release_that_is_not_confirmed_is_tried_for_as_long_as_it_takes() {
        guest.withoutSysrq().faults().on("thaw", Kind.REPLY_LOST, 500);
        sentinel.arm(lease);
        guest.frozenByAnother();
        sentinel.holderGone();
        assertThat(written().thaw().attempts()).isEqualTo(501);
    }

    @Test
    void one_sentinel_guards_many_guests_each_once() {
        FakeGuest other = new FakeGuest("web").with("vda", Path.of("/images/web.qcow2"));
        sentinel = new Sentinel(new FakeHypervisor(guest, other), files, timing, new TickingClock());
        sentinel.arm(lease);
        sentinel.arm(new Lease(other.id(), Optional.of("two"), LIMIT, true, false, Set.of("vda"), SysRq.ALLOWED));
        assertThatExceptionOfType(GuardException.class).isThrownBy(() -> sentinel.arm(lease));
        guest.frozenByAnother();
        other.frozenByAnother();
        sentinel.holderGone();
        assertThat(guest.isFrozen()).isFalse();
        assertThat(other.isFrozen()).isFalse();
    }

    @Test
    @Timeout(60)
    void a_guest_that_cannot_be_released_keeps_no_other_from_being_seen_to_its_end() throws Exception {
        FakeGuest stuck = new FakeGuest("web").with("vda", Path.of("/images/web.qcow2"));
        sentinel = new Sentinel(new FakeHypervisor(stuck, guest), files, new VirtualTiming(), new TickingClock());
        sentinel.arm(new Lease(stuck.id(), Optional.of("two"), LIMIT, true, false, Set.of("vda"), SysRq.REFUSED));
        sentinel.arm(lease);
        guest.frozenByAnother();
        CountDownLatch released = new CountDownLatch(1);
        stuck.frozenByAnother().faults().before("thaw", () -> await(released));
        Thread holder = new Thread(sentinel::holderGone);
        holder.start();
        while (isHeldBySentinel()) {
            Thread.onSpinWait();
        }
        assertThat(guest.isFrozen()).isFalse();
        assertThat(stuck.isFrozen()).isTrue();
        released.countDown();
        holder.join();
        assertThat(stuck.isFrozen()).isFalse();
    }

    private boolean isHeldBySentinel() {
        try (LeaseFile file = files.take(vm).orElse(null)) {
            return file == null || file.intervention().isEmpty();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void what_an_earlier_lease_says_is_released_with_the_new_one() throws IOException {
        Lease pausing = new Lease(guest.id(), Optional.of("run"), LIMIT, true, true, Set.of("vda"), SysRq.ALLOWED);
        try (LeaseFile left = files.take(vm).orElseThrow()) {
            left.begin(pausing);
        }
        sentinel.arm(Lease.unknown(guest.id()));
        guest.frozenByAnother().in(DomainState.PAUSED);
        assertThat(files.peek(vm).flatMap(Lease::run)).contains("run");
        sentinel.holderGone();
        assertThat(guest.state()).isEqualTo(DomainState.RUNNING);
        assertThat(guest.isFrozen()).isFalse();
    }

    @Test
    void a_sentinel_that_cannot_be_armed_leaves_an_earlier_lease_where_it_is() throws IOException {
        try (LeaseFile left = files.take(vm).orElseThrow()) {
            left.begin(lease);
        }
        guest.faults().on("open agent", Kind.REFUSED);
        assertThatExceptionOfType(GuardException.class).isThrownBy(() -> sentinel.arm(lease));
        assertThat(files.peek(vm)).contains(lease);
    }

    @Test
    void a_lease_that_names_another_machine_than_its_file_is_none() throws IOException {
        Lease other = Lease.unknown(new FakeGuest("web").id());
        try (LeaseFile copied = files.take(vm).orElseThrow()) {
            copied.begin(other);
            assertThat(copied.lease()).isEmpty();
            assertThat(files.peek(vm)).isEmpty();
        }
    }

    @Test
    void a_guest_that_another_sentinel_still_tries_to_release_is_refused() {
        try (LeaseFile held = files.take(vm).orElseThrow()) {
            assertThat(held.lease()).isEmpty();
            assertThatExceptionOfType(GuardException.class)
                    .isThrownBy(() -> sentinel.arm(lease))
                    .withMessageContaining("another sentinel")
                    .matches(GuardException::isGuarded);
        }
    }

    @Test
    void a_guest_that_cannot_be_reached_is_refused_and_leaves_no_lease() {
        guest.faults().on("open agent", Kind.REFUSED);
        assertThatExceptionOfType(GuardException.class).isThrownBy(() -> sentinel.arm(lease));
        assertThat(files.open()).isEmpty();
        assertThat(guest.openHandles()).isZero();
        assertThat(files.take(vm)).as("let go of").isPresent();
    }

    @Test
    void a_lease_that_cannot_be_written_is_refused() throws IOException {
        Files.createDirectories(directory.resolve("leases/" + vm + ".lease/in-the-way"));
        assertThatExceptionOfType(GuardException.class).isThrownBy(() -> sentinel.arm(lease));
        assertThat(guest.openHandles()).isZero();
    }

    @Test
    void a_lease_file_that_was_torn_still_says_whose_it_is_and_that_nothing_is_known_to_be_done() throws IOException {
        Files.createDirectories(directory.resolve("leases"));
        Files.writeString(directory.resolve("leases/" + vm + ".lease"), "{\"vm\":{\"uuid");
        assertThat(files.open()).containsExactly(vm);
        try (LeaseFile torn = files.take(vm).orElseThrow()) {
            assertThat(torn.lease()).isEmpty();
            assertThat(torn.intervention()).isEmpty();
        }
    }

    private Intervention written() {
        try (LeaseFile file = files.take(vm).orElseThrow()) {
            assertThat(file.lease()).contains(lease);
            return file.intervention().orElseThrow();
        }
    }
}
