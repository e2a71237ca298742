package io.stillframe.orchestrator.sentinel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.stillframe.guest.FakeGuest;
import io.stillframe.guest.FakeHypervisor;
import io.stillframe.guest.Faults.Kind;
import io.stillframe.orchestrator.TickingClock;
import io.stillframe.orchestrator.lease.Guard;
import io.stillframe.orchestrator.lease.GuardException;
import io.stillframe.orchestrator.lease.Intervention;
import io.stillframe.orchestrator.lease.Intervention.Cause;
import io.stillframe.orchestrator.lease.Lease;
import io.stillframe.orchestrator.lease.Lease.SysRq;
import io.stillframe.orchestrator.lease.Thaw;
import io.stillframe.orchestrator.lease.VirtualTiming;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Both ends of the pipe. */
@Timeout(60)
class SentinelClientTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final FakeGuest guest = new FakeGuest("db01").with("vda", Path.of("/images/vda.qcow2"));
    private final VirtualTiming timing = new VirtualTiming();
    private final Lease lease =
            new Lease(guest.id(), Optional.of("run"), LIMIT, true, false, Set.of("vda"), SysRq.ALLOWED);
    private final CountDownLatch lost = new CountDownLatch(1);

    @TempDir
    private Path directory;

    /** What a process that is no more has in its directory. */
    private LeaseFiles leftBehind;

    private OutputStream requests = OutputStream.nullOutputStream();
    private OutputStream replies;
    private Thread server;

    @BeforeEach
    void otherDirectory() {
        leftBehind = new LeaseFiles(directory.resolve("left"));
    }

    /** A sentinel that goes on would still write where its leases lie. */
    @AfterEach
    void nobodyIsLeft() throws Exception {
        requests.close();
        server.join();
    }

    @Test
    void a_guest_is_guarded_and_given_back() throws Exception {
        SentinelClient client = connect();
        Guard.Watch watch = client.watch(lease, lost::countDown);
        assertThat(watch.covers(LIMIT)).isTrue();
        assertThat(watch.intervention()).isEmpty();
        assertThat(watch.end()).isEqualTo(Guard.Ended.known(Optional.empty()));
        client.close();
        server.join();
        assertThat(guest.faults().calls()).doesNotContain("thaw");
        assertThat(lost.getCount()).as("its end was not a loss").isEqualTo(1);
    }

    @Test
    void a_hold_that_would_outlast_the_guard_is_not_covered() throws Exception {
        Guard.Watch watch = connect().watch(lease, lost::countDown);
        timing.pause(Lease.MARGIN);
        assertThat(watch.covers(LIMIT)).isTrue();
        timing.pause(Duration.ofNanos(1));
        assertThat(watch.covers(LIMIT)).isFalse();
    }

    @Test
    void the_end_of_the_pipe_has_the_guest_released() throws Exception {
        SentinelClient client = connect();
        client.watch(lease, lost::countDown);
        guest.frozenByAnother();
        client.close();
        server.join();
        assertThat(guest.isFrozen()).isFalse();
    }

    @Test
    void a_guest_that_is_taken_over_while_the_holder_dies_is_released_as_well() throws Exception {
        guest.frozenByAnother();
        SentinelClient client = connect();
        CountDownLatch holderIsGone = new CountDownLatch(1);
        CountDownLatch underWay = new CountDownLatch(1);
        guest.faults().before("open agent", () -> {
            underWay.countDown();
            await(holderIsGone);
        });
        Thread holder = new Thread(() -> client.watch(lease, lost::countDown));
        holder.setDaemon(true);
        holder.start();
        await(underWay);
        requests.close();
        holderIsGone.countDown();
        server.join();
        assertThat(guest.isFrozen()).isFalse();
    }

    @Test
    void a_refusal_says_why() throws Exception {
        guest.faults().on("open agent", Kind.REFUSED);
        SentinelClient client = connect();
        assertThatExceptionOfType(GuardException.class)
                .isThrownBy(() -> client.watch(lease, lost::countDown))
                .withMessageContaining("open agent was not answered");
    }

    @Test
    void a_sentinel_that_dies_is_noticed_at_once_and_covers_nothing() throws Exception {
        SentinelClient client = connect();
        Guard.Watch watch = client.watch(lease, lost::countDown);
        replies.close();
        assertThat(lost.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(watch.covers(Duration.ZERO)).isFalse();
        assertThat(watch.intervention()).isEmpty();
        assertThat(watch.end().unknown()).as("its lease is in its hands still").isPresent();
        assertThatExceptionOfType(GuardException.class).isThrownBy(() -> client.watch(lease, lost::countDown));
    }

    @Test
    void the_lease_of_a_sentinel_that_died_goes_once_the_guest_is_free() throws Exception {
        Guard.Watch watch = connect(leftBehind).watch(lease, lost::countDown);
        dies(Optional.empty());
        assertThat(watch.end()).isEqualTo(Guard.Ended.known(Optional.empty()));
        assertThat(leftBehind.open()).isEmpty();
    }

    @Test
    void what_a_sentinel_did_before_it_died_is_told() throws Exception {
        Guard.Watch watch = connect(leftBehind).watch(lease, lost::countDown);
        Thaw thaw = new Thaw(Thaw.Means.AGENT, 1, 1, LIMIT, false, "the agent thawed 1 and says thawed");
        dies(Optional.of(thaw));
        assertThat(watch.end()).isEqualTo(Guard.Ended.known(Optional.of(thaw)));
        assertThat(leftBehind.open()).isEmpty();
    }

    @Test
    void a_holder_past_the_deadline_asks_what_was_done() throws Exception {
        SentinelClient client = connect();
        Guard.Watch watch = client.watch(lease, lost::countDown);
        timing.pause(lease.sentinelDeadline().plusNanos(1));
        assertThat(watch.intervention()).as("asked, and nothing was").isEmpty();
        assertThat(watch.end().intervention().map(Thaw::confirmed)).isEmpty();
    }

    @Test
    void a_holder_that_cannot_be_understood_is_as_good_as_gone() throws Exception {
        PipedOutputStream spoken = new PipedOutputStream();
        requests = spoken;
        serve(new PipedInputStream(spoken), OutputStream.nullOutputStream());
        spoken.write("what?\n".getBytes(StandardCharsets.UTF_8));
        server.join();
    }

    private SentinelClient connect() throws IOException {
        return connect(new LeaseFiles(directory));
    }

    private SentinelClient connect(LeaseFiles files) throws IOException {
        PipedOutputStream asked = new PipedOutputStream();
        PipedInputStream answers = new PipedInputStream();
        requests = asked;
        replies = new PipedOutputStream(answers);
        serve(new PipedInputStream(asked), replies);
        return new SentinelClient(answers, asked, files, timing);
    }

    /** Its process is gone, and with it its hold on its lease. */
    private void dies(Optional<Thaw> done) throws Exception {
        try (LeaseFile file = leftBehind.take(guest.id().uuid()).orElseThrow()) {
            file.begin(lease);
            done.ifPresent(thaw -> file.record(new Intervention(Cause.DEADLINE, Instant.EPOCH, thaw)));
        }
        replies.close();
        assertThat(lost.await(30, TimeUnit.SECONDS)).isTrue();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void serve(InputStream requests, OutputStream out) {
        Sentinel sentinel = new Sentinel(
                new FakeHypervisor(guest), new LeaseFiles(directory), new VirtualTiming(), new TickingClock());
        server = new Thread(() -> new SentinelServer(sentinel, out).serve(requests));
        server.setDaemon(true);
        server.start();
    }
}
