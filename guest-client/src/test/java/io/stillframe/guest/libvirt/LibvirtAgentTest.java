package io.stillframe.guest.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.stillframe.guest.Domain;
import io.stillframe.guest.GuestAgent;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.guest.GuestFilesystem;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Against libvirt's test driver, whose pretended guest has two filesystems and can be frozen. */
class LibvirtAgentTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final LibvirtHypervisor hypervisor = LibvirtHypervisor.open("test:///default", LIMIT);
    private final Domain domain = hypervisor.domain("test");
    private final GuestAgent agent = hypervisor.agent(domain.id());

    @AfterEach
    void closeAll() {
        agent.close();
        domain.close();
        hypervisor.close();
    }

    @Test
    void freeze_and_thaw_tell_how_many_filesystems() {
        assertThat(agent.freeze(LIMIT)).isEqualTo(2);
        assertThat(agent.thaw(LIMIT)).isEqualTo(2);
        assertThat(agent.thaw(LIMIT)).isZero();
    }

    @Test
    void only_listed_mountpoints_are_frozen() {
        assertThat(agent.freeze(List.of("/boot"), LIMIT)).isEqualTo(1);
        assertThat(agent.thaw(LIMIT)).isEqualTo(1);
    }

    @Test
    void a_mountpoint_crosses_in_utf8() {
        // unlike a real agent, the driver refuses a mountpoint that it does not know, and names it
        assertThatExceptionOfType(GuestException.class)
                .isThrownBy(() -> agent.freeze(List.of("/März"), LIMIT))
                .withMessageContaining("/März");
    }

    @Test
    void what_one_handle_froze_another_one_thaws() {
        assertThat(agent.freeze(LIMIT)).isEqualTo(2);
        try (GuestAgent other = hypervisor.agent(domain.id())) {
            assertThat(other.thaw(LIMIT)).isEqualTo(2);
        }
    }

    @Test
    void filesystems_are_listed_with_their_disks() {
        assertThat(agent.filesystems(LIMIT))
                .containsExactly(
                        new GuestFilesystem("/", "vda1", "ext4", List.of("vda")),
                        new GuestFilesystem("/boot", "vda2", "ext4", List.of("vda")));
    }

    @Test
    void a_guest_that_is_off_is_not_running() throws Exception {
        try (PretendedHost host = new PretendedHost()) {
            host.powerOff("test");

            assertThatExceptionOfType(GuestException.class)
                    .isThrownBy(() -> agent.freeze(LIMIT))
                    .matches(e -> e.failure() == GuestFailure.NOT_RUNNING && e.libvirtCode() == 55)
                    .withMessageStartingWith("freeze of vm 'test': ");
            host.powerOn("test");
        }
    }

    @Test
    void the_test_driver_knows_no_agent_commands() {
        assertThatExceptionOfType(GuestException.class)
                .isThrownBy(() -> agent.status(LIMIT))
                .matches(e -> e.failure() == GuestFailure.UNSUPPORTED && e.libvirtCode() == 3);
    }

    @Test
    void nonsense_is_refused_before_anything_is_sent() {
        assertThatIllegalArgumentException().isThrownBy(() -> agent.freeze(Duration.ofMillis(999)));
        assertThatIllegalArgumentException().isThrownBy(() -> agent.freeze(List.of(), LIMIT));
        assertThatIllegalArgumentException().isThrownBy(() -> agent.freeze(Collections.nCopies(257, "/"), LIMIT));
        assertThatIllegalArgumentException().isThrownBy(() -> agent.freeze(List.of("/\0/boot"), LIMIT));
        assertThatIllegalArgumentException().isThrownBy(() -> agent.exec(List.of(), LIMIT));
        assertThat(agent.thaw(LIMIT)).isZero();
    }

    @Test
    void a_closed_handle_takes_no_calls() {
        agent.close();
        agent.close();

        assertThatIllegalStateException().isThrownBy(() -> agent.thaw(LIMIT));
    }
}
