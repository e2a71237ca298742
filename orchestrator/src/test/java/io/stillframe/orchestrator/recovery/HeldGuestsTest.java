package io.stillframe.orchestrator.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.guest.FakeGuest;
import io.stillframe.guest.FakeHypervisor;
import io.stillframe.guest.Faults.Kind;
import io.stillframe.orchestrator.TickingClock;
import io.stillframe.orchestrator.lease.FakeGuard;
import io.stillframe.orchestrator.lease.Intervention;
import io.stillframe.orchestrator.lease.Intervention.Cause;
import io.stillframe.orchestrator.lease.Lease;
import io.stillframe.orchestrator.lease.Lease.SysRq;
import io.stillframe.orchestrator.lease.SteppedTiming;
import io.stillframe.orchestrator.recovery.Finding.Status;
import io.stillframe.orchestrator.sentinel.LeaseFile;
import io.stillframe.orchestrator.sentinel.LeaseFiles;
import io.stillframe.orchestrator.sentinel.Sentinel;
import io.stillframe.orchestrator.workflow.Machines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeldGuestsTest {
    private final FakeGuest guest = new FakeGuest("db01").with("vda", Path.of("/images/vda.qcow2"));
    private final UUID vm = guest.id().uuid();
    private final FakeGuard guard = new FakeGuard();
    private final SteppedTiming timing = new SteppedTiming();
    private final Lease lease = new Lease(
            guest.id(), Optional.of("run"), Duration.ofSeconds(10), true, false, Set.of("vda"), SysRq.REFUSED);

    @TempDir
    private Path directory;

    private LeaseFiles files;
    private HeldGuests held;

    @BeforeEach
    void begin() {
        files = new LeaseFiles(directory);
        held = heldGuests();
    }

    @AfterEach
    void end() {
        held.close();
        assertThat(guest.openHandles()).isZero();
    }

    @Test
    void where_there_is_no_lease_nobody_is_asked() {
        assertThat(held.release(any -> true, machine -> {})).isEmpty();
        assertThat(guest.faults().calls()).isEmpty();
    }

    @Test
    void a_guest_whose_holder_and_sentinel_both_died_is_released() {
        abandon();
        guest.frozenByAnother();
        assertThat(statuses(held.release(any -> true, machine -> {}))).containsExactly(Status.DONE);
        assertThat(guest.isFrozen()).isFalse();
        assertThat(held.intervention(vm, "run")).map(Intervention::because).contains(Cause.RECOVERY);
        assertThat(held.intervention(vm, "another run")).isEmpty();
    }

    @Test
    void a_lease_stays_until_its_run_is_settled() {
        abandon();
        held.release(any -> true, machine -> {});
        assertThat(files.open()).containsExactly(vm);
        held.forget(vm);
        assertThat(files.open()).isEmpty();
    }

    @Test
    void a_guest_that_the_sentinel_released_is_not_thawed_again() {
        Sentinel sentinel = new Sentinel(new FakeHypervisor(guest), files, timing, new TickingClock());
        sentinel.arm(lease);
        guest.frozenByAnother();
        sentinel.holderGone();
        long thaws = guest.faults().count("thaw");
        assertThat(statuses(held.release(any -> true, machine -> {}))).containsExactly(Status.DONE);
        assertThat(guest.faults().count("thaw")).isEqualTo(thaws);
        assertThat(held.intervention(vm, "run")).map(Intervention::because).contains(Cause.HOLDER_GONE);
    }

    @Test
    void a_sentinel_that_still_tries_is_waited_for_and_not_interfered_with() {
        LeaseFile trying = files.take(vm).orElseThrow();
        try (trying) {
            write();
            assertThat(statuses(held.release(any -> true, machine -> {}))).containsExactly(Status.MAY_BE_FROZEN);
            assertThat(held.mayBeHeld(vm)).isTrue();
            assertThat(guest.faults().calls()).isEmpty();
        }
    }

    @Test
    void a_guest_that_cannot_be_released_is_left_to_a_sentinel_and_keeps_its_lease() {
        abandon();
        guest.frozenByAnother().faults().on("thaw", Kind.REFUSED, 10_000);
        assertThat(statuses(held.release(any -> true, machine -> {}))).containsExactly(Status.MAY_BE_FROZEN);
        assertThat(guard.watched()).containsExactly(lease);
        assertThat(files.open()).containsExactly(vm);
        guest.thawBehindTheAgent();
    }

    @Test
    void a_guest_that_waited_for_its_disk_is_released_once_that_goes_on() {
        abandon();
        guest.frozenByAnother().faults().on("thaw", Kind.REFUSED, 10_000);
        List<Finding> findings = held.release(any -> true, machine -> {});
        assertThat(held.releaseAgain(vm, machine -> {}).status()).isEqualTo(Status.MAY_BE_FROZEN);
        assertThat(held.mayBeHeld(vm)).isTrue();

        guest.faults().clear("thaw");
        assertThat(held.releaseAgain(vm, machine -> {}).status()).isEqualTo(Status.DONE);
        assertThat(held.mayBeHeld(vm)).isFalse();
        assertThat(guest.isFrozen()).isFalse();
        assertThat(held.outdated()).containsAll(findings);
        assertThat(held.intervention(vm, "run")).map(Intervention::because).contains(Cause.RECOVERY);
    }

    /** Its thaw came to its end as the disk went on. */
    @Test
    void a_sentinel_that_goes_on_trying_is_waited_for_once_the_disk_goes_on() {
        LeaseFile trying = files.take(vm).orElseThrow();
        write();
        held.release(any -> false, machine -> {});
        timing.worker("sentinel").after(Duration.ofSeconds(10), trying::close);
        guest.frozenByAnother();
        assertThat(held.releaseAgain(vm, machine -> {}).status()).isEqualTo(Status.DONE);
        assertThat(guest.isFrozen()).isFalse();
    }

    /** It waits for this process to end. */
    @Test
    void a_sentinel_of_this_process_is_not_waited_for() {
        abandon();
        guest.frozenByAnother().faults().on("thaw", Kind.REFUSED, 10_000);
        held.release(any -> true, machine -> {});
        LeaseFile watching = files.take(vm).orElseThrow();
        try (watching) {
            long before = timing.nanos();
            assertThat(held.releaseAgain(vm, machine -> {}).status()).isEqualTo(Status.MAY_BE_FROZEN);
            assertThat(timing.since(before)).isLessThan(Duration.ofSeconds(1));
        }
        guest.thawBehindTheAgent();
    }

    @Test
    void without_libvirt_the_lease_stays_and_the_operator_is_told() {
        abandon();
        guard.refusing("no libvirt");
        guest.faults().on("open domain", Kind.REFUSED);
        assertThat(held.release(any -> true, machine -> {})).singleElement().satisfies(finding -> {
            assertThat(finding.status()).isEqualTo(Status.MAY_BE_FROZEN);
            assertThat(finding.detail()).contains("open domain was not answered", "no libvirt");
        });
        assertThat(files.open()).containsExactly(vm);
    }

    @Test
    void where_libvirt_is_not_there_at_all_the_guest_may_be_frozen() {
        abandon();
        held = new HeldGuests(
                files,
                () -> {
                    throw new IllegalStateException("no connection");
                },
                new TickingClock(),
                timing,
                Duration.ofSeconds(20));
        assertThat(held.release(any -> true, machine -> {})).singleElement().satisfies(finding -> {
            assertThat(finding.status()).isEqualTo(Status.MAY_BE_FROZEN);
            assertThat(finding.detail()).contains("no connection");
        });
        assertThat(files.open()).containsExactly(vm);
    }

    @Test
    void a_lease_with_another_machines_content_releases_the_one_it_is_named_for() throws Exception {
        abandon();
        FakeGuest other = new FakeGuest("web");
        Files.writeString(
                directory.resolve("leases/" + vm + ".lease"),
                new tools.jackson.databind.ObjectMapper().writeValueAsString(Lease.unknown(other.id())) + "\n");
        guest.frozenByAnother().withoutSysrq().faults().on("thaw", Kind.REFUSED, 10_000);
        assertThat(statuses(held.release(any -> true, machine -> {}))).containsExactly(Status.MAY_BE_FROZEN);
        guest.faults().clear("thaw");
        held = heldGuests();
        assertThat(statuses(held.release(any -> true, machine -> {}))).containsExactly(Status.DONE);
        assertThat(guest.isFrozen()).isFalse();
    }

    @Test
    void a_machine_that_another_process_is_busy_with_is_left_alone() {
        abandon();
        guest.frozenByAnother();
        List<Finding> findings = held.release(any -> true, machine -> {
            assertThat(machine).isEqualTo(guest.id());
            throw new IllegalStateException("busy");
        });
        assertThat(statuses(findings)).containsExactly(Status.MAY_BE_FROZEN);
        assertThat(guest.isFrozen()).isTrue();
        assertThat(held.mayBeHeld(vm)).isTrue();
    }

    @Test
    void a_machine_that_is_gone_holds_nothing() {
        abandon();
        held.close();
        held = new HeldGuests(
                files,
                () -> new Machines(new FakeHypervisor(), domain -> List.of(), (domain, rate) -> List.of(), guard),
                new TickingClock(),
                timing,
                Duration.ofSeconds(20));
        assertThat(statuses(held.release(any -> true, machine -> {}))).containsExactly(Status.DONE);
    }

    @Test
    void a_lease_that_cannot_be_read_is_released_by_its_name() throws Exception {
        abandon();
        Files.writeString(directory.resolve("leases/" + vm + ".lease"), "\0\0\0");
        guest.frozenByAnother();
        assertThat(statuses(held.release(any -> true, machine -> {}))).containsExactly(Status.DONE);
        assertThat(guest.isFrozen()).isFalse();
    }

    @Test
    void a_dry_run_touches_nothing() {
        abandon();
        guest.frozenByAnother();
        assertThat(statuses(held.planned())).containsExactly(Status.PLANNED);
        assertThat(guest.faults().calls()).isEmpty();
        guest.thawBehindTheAgent();
    }

    /** Both processes were killed: what remains is the file. */
    private void abandon() {
        files.take(vm).orElseThrow().close();
        write();
    }

    private void write() {
        try {
            Files.writeString(
                    directory.resolve("leases/" + vm + ".lease"),
                    new tools.jackson.databind.ObjectMapper().writeValueAsString(lease) + "\n");
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private HeldGuests heldGuests() {
        return new HeldGuests(
                files,
                () -> new Machines(new FakeHypervisor(guest), domain -> List.of(), (domain, rate) -> List.of(), guard),
                new TickingClock(),
                timing,
                Duration.ofSeconds(20));
    }

    private static List<Status> statuses(List<Finding> findings) {
        return findings.stream().map(Finding::status).toList();
    }
}
