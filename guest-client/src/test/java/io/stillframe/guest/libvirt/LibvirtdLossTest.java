package io.stillframe.guest.libvirt;

import static io.stillframe.guest.GuestFailure.BAD_REPLY;
import static io.stillframe.guest.GuestFailure.CONNECTION_LOST;
import static io.stillframe.guest.GuestFailure.DEADLINE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainId;
import io.stillframe.guest.DomainState;
import io.stillframe.guest.GuestAgent;
import io.stillframe.guest.GuestAgent.FreezeStatus;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.guest.Hypervisor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of handles when libvirtd stops answering, dies and comes back, or an agent does its worst. */
@Timeout(120)
class LibvirtdLossTest {
    private static final DomainId DB01 = new DomainId(new UUID(0, 1), "db01");
    private static final DomainId DB02 = new DomainId(new UUID(0, 2), "db02");
    private static final Duration OPENING = Duration.ofSeconds(3);
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SECOND = Duration.ofSeconds(1);
    /** What a call may take beyond its limit: the half second that libvirt is given, and this machine's other work. */
    private static final Duration SLACK = Duration.ofSeconds(3);

    private final FakeLibvirtd libvirtd;
    private final Hypervisor hypervisor;
    private final Domain domain;
    private final GuestAgent agent;

    LibvirtdLossTest(@TempDir Path directory) {
        libvirtd = new FakeLibvirtd(directory);
        hypervisor = LibvirtHypervisor.open(libvirtd.uri(), OPENING);
        domain = hypervisor.domain(DB01);
        agent = hypervisor.agent(DB01);
    }

    @AfterEach
    void end() {
        libvirtd.close();
        agent.close();
        domain.close();
        hypervisor.close();
    }

    @Test
    void handles_go_on_by_themselves_after_libvirtd_was_killed_and_started_again() {
        assertThat(agent.freeze(LONG)).isEqualTo(2);
        libvirtd.kill();
        libvirtd.start();

        assertThat(afterTheLoss(() -> agent.thaw(LONG))).isEqualTo(2);
        assertThat(afterTheLoss(domain::state)).isEqualTo(DomainState.RUNNING);
        assertThat(agent.status(LONG)).isEqualTo(FreezeStatus.THAWED);
    }

    @Test
    void while_libvirtd_is_gone_every_call_says_so_at_once() {
        libvirtd.kill();
        for (int i = 0; i < 3; i++) {
            assertThat(failureWithin(SLACK, () -> agent.thaw(LONG))).isEqualTo(CONNECTION_LOST);
            assertThat(failureWithin(SLACK, domain::state)).isEqualTo(CONNECTION_LOST);
            assertThat(failureWithin(SLACK, () -> hypervisor.agent(DB01))).isEqualTo(CONNECTION_LOST);
        }
        libvirtd.start();

        assertThat(agent.thaw(LONG)).isEqualTo(2);
        assertThat(domain.state()).isEqualTo(DomainState.RUNNING);
    }

    @Test
    void a_call_under_way_ends_when_libvirtd_dies() throws Exception {
        libvirtd.stallsAt(FakeLibvirtd.THAW);
        var thaw = CompletableFuture.supplyAsync(() -> failureWithin(LONG, () -> agent.thaw(LONG)));
        await(() -> libvirtd.procedures().contains(FakeLibvirtd.THAW));
        libvirtd.kill();

        assertThat(thaw.get(5, TimeUnit.SECONDS)).isEqualTo(CONNECTION_LOST);
    }

    @Test
    void a_libvirtd_that_answers_nothing_costs_a_handle_its_limit_once_and_then_nothing() {
        libvirtd.kill();
        findsItsConnectionBroken();
        libvirtd.stallsAt(FakeLibvirtd.AUTH_LIST);
        libvirtd.start();

        assertThat(failureWithin(SECOND.plus(SLACK), () -> agent.thaw(SECOND))).isEqualTo(DEADLINE);
        assertThatExceptionOfType(GuestException.class)
                .isThrownBy(() -> agent.thaw(LONG))
                .withMessageContaining("not sent: an earlier thaw has not returned");
        assertThat(failureWithin(OPENING.plus(SLACK), () -> hypervisor.agent(DB01)))
                .isEqualTo(DEADLINE);
        assertThat(failureWithin(OPENING.plus(SLACK), () -> hypervisor.domain("db01")))
                .isEqualTo(DEADLINE);
    }

    @Test
    void a_handle_that_waited_for_a_silent_libvirtd_goes_on_once_that_one_is_killed_and_another_answers() {
        libvirtd.kill();
        findsItsConnectionBroken();
        libvirtd.stallsAt(FakeLibvirtd.AUTH_LIST);
        libvirtd.start();
        assertThat(failureWithin(SECOND.plus(SLACK), () -> agent.thaw(SECOND))).isEqualTo(DEADLINE);
        libvirtd.kill();
        libvirtd.stallsAt(call -> false);
        libvirtd.start();

        await(() -> {
            GuestException failure = catchThrowableOfType(GuestException.class, () -> agent.thaw(SECOND));
            return failure == null;
        });
    }

    @Test
    void nothing_is_left_of_a_connection_that_broke_or_of_a_handle_that_could_not_be_opened() {
        int threads = handleThreads();
        for (int i = 0; i < 10; i++) {
            libvirtd.kill();
            failureWithin(SLACK, () -> hypervisor.agent(DB02));
            failureWithin(SLACK, () -> hypervisor.domain("db02"));
            libvirtd.start();
            afterTheLoss(() -> agent.thaw(LONG));
            afterTheLoss(domain::state);
        }

        await(() -> libvirtd.connections() == 2);
        await(() -> handleThreads() == threads);
    }

    @Test
    void one_machine_whose_agent_hangs_holds_up_neither_another_nor_its_own_other_handles() {
        libvirtd.stallsAt(call -> call.procedure() == FakeLibvirtd.FREEZE
                && call.message().domain().equals(DB01.uuid()));
        var freeze = CompletableFuture.supplyAsync(() -> failureWithin(LONG, () -> agent.freeze(LONG)));
        await(() -> libvirtd.procedures().contains(FakeLibvirtd.FREEZE));
        try (GuestAgent other = hypervisor.agent(DB02);
                GuestAgent second = hypervisor.agent(DB01)) {
            assertThat(other.freeze(SECOND)).isEqualTo(2);
            assertThat(second.thaw(SECOND)).isEqualTo(2);
            assertThat(domain.state()).isEqualTo(DomainState.RUNNING);
        }
        assertThat(freeze).isNotDone();
    }

    @Test
    void whatever_an_agent_answers_the_next_call_is_served_over_the_same_connection() {
        for (String answer : List.of("", "{", "[".repeat(1_000_000), "x".repeat(4_000_000), "{\"return\":{}}")) {
            libvirtd.answersAgentCommands(answer.getBytes(UTF_8));
            assertThat(failureWithin(LONG, () -> agent.status(LONG))).isEqualTo(BAD_REPLY);
        }
        libvirtd.answersAgentCommands(new byte[] {'"', (byte) 0xFF, '"'});
        assertThat(failureWithin(LONG, () -> agent.status(LONG))).isEqualTo(BAD_REPLY);
        libvirtd.answersAgentCommands("{\"return\":\"frozen\"}".getBytes(UTF_8));
        assertThat(agent.status(LONG)).isEqualTo(FreezeStatus.FROZEN);
        assertThat(libvirtd.procedures().stream().filter(of -> of == FakeLibvirtd.OPEN))
                .as("one each for the hypervisor, the domain and the agent")
                .hasSize(3);
    }

    @Test
    void a_program_whose_agent_falls_silent_is_given_up_at_the_limit() {
        libvirtd.answersAgentCommands("{\"return\":{\"pid\":7}}".getBytes(UTF_8));
        libvirtd.stallsAt(call -> {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(950)); // a slow agent starts it, then says no more
            return count(FakeLibvirtd.AGENT_COMMAND) > 1;
        });

        assertThat(failureWithin(Duration.ofMillis(2300), () -> agent.exec(List.of("/bin/true"), SECOND)))
                .isEqualTo(DEADLINE);
    }

    @Test
    void opening_a_handle_asks_nothing_of_the_agent() {
        int before = libvirtd.calls().size();
        hypervisor.agent(DB02).close();

        assertThat(libvirtd.procedures().subList(before, libvirtd.calls().size()))
                .doesNotContain(FakeLibvirtd.AGENT_TIMEOUT, FakeLibvirtd.AGENT_COMMAND);
    }

    @Test
    void each_freeze_and_thaw_has_its_own_limit_whatever_other_handles_have_told_libvirt() {
        agent.freeze(Duration.ofSeconds(7));
        GuestAgent other = hypervisor.agent(DB01);
        other.thaw(Duration.ofSeconds(9));
        other.close();
        agent.thaw(Duration.ofSeconds(7));

        assertThat(libvirtd.calls().stream()
                        .filter(call -> call.procedure() == FakeLibvirtd.AGENT_TIMEOUT)
                        .map(call -> call.message().numberBeforeEnd(8)))
                .containsExactly(7, 9, -2, 7);
    }

    /** Whether the loss is known before a call or found by it is a race of the connection's own; after this it is known. */
    private void findsItsConnectionBroken() {
        assertThat(failureWithin(SLACK, () -> agent.thaw(SECOND))).isEqualTo(CONNECTION_LOST);
    }

    /** The next call, or the one after it where the loss was not known yet when the call was sent. */
    private static <T> T afterTheLoss(Supplier<T> call) {
        try {
            return call.get();
        } catch (GuestException e) {
            assertThat(e.failure()).isEqualTo(CONNECTION_LOST);
            return call.get();
        }
    }

    private static GuestFailure failureWithin(Duration limit, Supplier<?> call) {
        long start = System.nanoTime();
        GuestException failure = catchThrowableOfType(GuestException.class, call::get);
        assertThat(failure).as("a failure").isNotNull();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(limit);
        return failure.failure();
    }

    private long count(int procedure) {
        return libvirtd.procedures().stream().filter(of -> of == procedure).count();
    }

    private static int handleThreads() {
        return (int) Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("libvirt vm 'db0"))
                .count();
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("seen in time").isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }
}
