package io.stillframe.guest.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.stillframe.guest.DomainId;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against libvirt's own test driver, which needs no daemon: the real library, the real binding, a pretended host. */
class LibvirtHypervisorTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final DomainId TEST = new DomainId(UUID.fromString("6695eb01-f6a4-8304-79aa-97f2502e193f"), "test");

    private final LibvirtHypervisor hypervisor = LibvirtHypervisor.open("test:///default", LIMIT);

    @AfterEach
    void closeHypervisor() {
        hypervisor.close();
    }

    @Test
    void it_lists_every_domain() {
        assertThat(hypervisor.domains()).containsExactly(TEST);
    }

    @ParameterizedTest
    @ValueSource(strings = {"test", "6695eb01-f6a4-8304-79aa-97f2502e193f", "6695EB01-F6A4-8304-79AA-97F2502E193F"})
    void a_domain_is_found_by_name_or_uuid(String nameOrUuid) {
        try (var domain = hypervisor.domain(nameOrUuid)) {
            assertThat(domain.id()).isEqualTo(TEST);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "db01",
                "tes",
                "test\0x",
                "<test/>",
                "\u001b[2J",
                "1-1-1-1-1",
                "00000000-0000-0000-0000-00000000000f"
            })
    void any_other_name_is_no_such_domain(String name) {
        assertThatExceptionOfType(GuestException.class)
                .isThrownBy(() -> hypervisor.domain(name))
                .matches(e -> e.failure() == GuestFailure.NO_SUCH_DOMAIN)
                .matches(e -> e.getMessage().chars().noneMatch(Character::isISOControl));
    }

    @Test
    void the_agent_of_an_unknown_domain_is_no_such_domain() {
        assertThatExceptionOfType(GuestException.class)
                .isThrownBy(() -> hypervisor.agent(new DomainId(new UUID(0, 15), "gone")))
                .matches(e -> e.failure() == GuestFailure.NO_SUCH_DOMAIN)
                .matches(e -> e.libvirtCode() == 42);
    }

    @Test
    void it_says_what_it_talks_to() {
        assertThat(hypervisor.version()).matches("libvirt \\d+\\.\\d+\\.\\d+, TEST 0\\.0\\.2");
        assertThat(LibvirtHypervisor.dotted(9_012_345)).isEqualTo("9.12.345");
    }

    @Test
    void a_hypervisor_out_of_reach_is_a_lost_connection() {
        assertThatExceptionOfType(GuestException.class)
                .isThrownBy(() -> LibvirtHypervisor.open("qemu+unix:///system?socket=/nonexistent/libvirt-sock", LIMIT))
                .matches(e -> e.failure() == GuestFailure.CONNECTION_LOST)
                .withMessageContaining("/nonexistent/libvirt-sock");
    }

    @Test
    void a_limit_that_is_none_is_refused() {
        assertThatIllegalArgumentException().isThrownBy(() -> LibvirtHypervisor.open("test:///default", Duration.ZERO));
    }

    @Test
    void a_closed_hypervisor_takes_no_calls() {
        hypervisor.close();
        hypervisor.close();

        assertThatIllegalStateException().isThrownBy(hypervisor::domains);
        assertThatIllegalStateException().isThrownBy(() -> hypervisor.domain("test"));
        assertThatIllegalStateException().isThrownBy(() -> hypervisor.agent(TEST));
    }

    @Test
    void handles_outlive_the_hypervisor_that_opened_them() {
        try (var agent = hypervisor.agent(TEST);
                var domain = hypervisor.domain("test")) {
            hypervisor.close();

            assertThat(agent.filesystems(LIMIT)).isNotEmpty();
            assertThat(domain.persistent()).isTrue();
        }
    }
}
