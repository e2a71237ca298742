package io.stillframe.guest.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.stillframe.guest.Domain;
import io.stillframe.guest.Tag;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against libvirt's test driver, which keeps metadata as its other drivers do. */
class DomainTagsTest {
    private static final Tag PROD = new Tag("prod");
    private static final Tag GOLD = new Tag("gold");

    private final LibvirtHypervisor hypervisor = LibvirtHypervisor.open("test:///default", Duration.ofSeconds(20));
    private final Domain domain = hypervisor.domain("test");

    @AfterEach
    void closeAll() {
        domain.retag(Set.of(), domain.tags());
        domain.close();
        hypervisor.close();
    }

    @Test
    void a_machine_has_no_tags_until_it_is_given_some() {
        assertThat(domain.tags()).isEmpty();
        assertThat(domain.retag(Set.of(PROD, GOLD), Set.of())).containsExactly(GOLD, PROD);
        assertThat(domain.tags()).containsExactly(GOLD, PROD);
    }

    @Test
    void to_add_what_is_there_and_to_remove_what_is_not_changes_nothing() {
        domain.retag(Set.of(PROD), Set.of());
        assertThat(domain.retag(Set.of(PROD), Set.of(GOLD))).containsExactly(PROD);
        assertThat(domain.retag(Set.of(), Set.of(PROD))).isEmpty();
        assertThat(domain.tags()).isEmpty();
    }

    @Test
    void a_machine_that_is_off_keeps_its_tags_over_the_next_start() throws Exception {
        try (PretendedHost host = new PretendedHost()) {
            host.powerOff("test");
            domain.retag(Set.of(PROD), Set.of());
            assertThat(domain.tags()).containsExactly(PROD);
            host.powerOn("test");
            assertThat(domain.tags()).containsExactly(PROD);
        }
    }

    @Test
    void the_tags_of_all_machines_are_told_at_once() {
        domain.retag(Set.of(PROD), Set.of());
        assertThat(hypervisor.tags()).containsOnlyKeys(domain.id()).containsValue(Set.of(PROD));
    }

    @Test
    void what_somebody_else_wrote_there_and_is_no_tag_is_none() {
        assertThat(DomainTags.read("<s:tags xmlns:s='x'><s:tag>prod</s:tag><tag>not one!</tag><tag/></s:tags>"))
                .containsExactly(PROD);
        assertThat(DomainTags.read(DomainTags.text(Set.of(PROD, GOLD)))).containsExactly(GOLD, PROD);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-old", ".", "two words", "<tag/>", "\u001b[2J", "pröd"})
    void anything_else_is_no_tag(String text) {
        assertThat(Tag.parse(text)).isEmpty();
        assertThatIllegalArgumentException().isThrownBy(() -> new Tag(text));
    }
}
