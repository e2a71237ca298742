package io.stillframe.guest;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.guest.GuestAgent.FreezeStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The fake is a judge of runs: here is what it goes by. */
class FakeGuestTest {
    private static final Duration LIMIT = Duration.ofSeconds(1);
    private static final List<Integer> THAW_KEYS = List.of(56, 99, 36);

    private final FakeGuest guest =
            new FakeGuest("db01").with("vda", Path.of("/images/vda")).with("vdb", Path.of("/images/vdb"));
    private final FakeHypervisor hypervisor = new FakeHypervisor(guest);
    private final Domain domain = hypervisor.domain("db01");
    private final GuestAgent agent = hypervisor.agent(guest.id());

    @Test
    void a_frozen_guest_writes_nothing_and_its_thaw_writes_to_every_frozen_disk() {
        guest.freezingAtMost(1);
        agent.freeze(LIMIT);
        assertThat(domain.written()).isEqualTo(Map.of("vda", 0L, "vdb", 0L));
        agent.thaw(LIMIT);
        assertThat(domain.written()).isEqualTo(Map.of("vda", 4096L, "vdb", 0L));
        agent.thaw(LIMIT);
        assertThat(domain.written()).isEqualTo(Map.of("vda", 4096L, "vdb", 0L));
    }

    @Test
    void a_busy_guest_writes_wherever_it_is_not_frozen() {
        guest.writing().freezingAtMost(1);
        agent.freeze(LIMIT);
        assertThat(domain.written()).isEqualTo(Map.of("vda", 0L, "vdb", 4096L));
        domain.suspend();
        assertThat(domain.written()).isEqualTo(Map.of("vda", 0L, "vdb", 4096L));
        guest.in(DomainState.SHUT_OFF);
        assertThat(domain.written()).isEmpty();
    }

    @Test
    void the_magic_keys_thaw_behind_the_agents_back() {
        agent.freeze(LIMIT);
        domain.sendKeys(THAW_KEYS);
        assertThat(guest.isFrozen()).isFalse();
        assertThat(domain.written()).isEqualTo(Map.of("vda", 4096L, "vdb", 4096L));
        assertThat(agent.status(LIMIT)).isEqualTo(FreezeStatus.FROZEN);
        assertThat(agent.thaw(LIMIT)).isZero();
        assertThat(agent.status(LIMIT)).isEqualTo(FreezeStatus.THAWED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"keyboard", "sysrq", "paused"})
    void keys_that_reach_nobody_thaw_nothing(String lacking) {
        Map<String, Consumer<FakeGuest>> changes = Map.of(
                "keyboard", FakeGuest::withoutKeyboard,
                "sysrq", FakeGuest::withoutSysrq,
                "paused", of -> of.in(DomainState.PAUSED));
        agent.freeze(LIMIT);
        changes.get(lacking).accept(guest);
        domain.sendKeys(THAW_KEYS);
        assertThat(guest.isFrozen()).isTrue();
        assertThat(domain.hasKeyboard()).isEqualTo(!lacking.equals("keyboard"));
    }

    @Test
    void any_other_keys_do_nothing() {
        agent.freeze(LIMIT);
        domain.sendKeys(List.of(56, 99, 48));
        assertThat(guest.isFrozen()).isTrue();
    }
}
