package io.stillframe.orchestrator.cli;

import static io.stillframe.orchestrator.cli.FakeSite.names;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class TagCommandTest {
    private FakeSite site;

    @BeforeEach
    void host(@TempDir Path directory) {
        site = new FakeSite(directory);
        site.guest("db01");
    }

    @Test
    void tags_are_added_removed_and_shown() {
        assertThat(site.run("tag", "db01")).isZero();
        assertThat(site.out()).isEqualTo("no tags\n");
        assertThat(site.run("tag", "db01", "+prod", "+gold")).as(site.err()).isZero();
        assertThat(site.out()).isEqualTo("gold prod\n");
        assertThat(site.run("tag", "db01", "-gold", "+hot", "+old", "-very-old", "--json"))
                .as(site.err())
                .isZero();
        assertThat(names(site.json())).containsExactly("vm", "uuid", "tags");
        assertThat(site.json().get("tags")).extracting(JsonNode::asString).containsExactly("hot", "old", "prod");
        assertThat(site.run("tag", "db01", "-hot")).as(site.err()).isZero();
        assertThat(site.out()).isEqualTo("old prod\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"prod", "+", "+two words", "+-x", "+prod +prod", "+prod -prod"})
    void what_is_no_change_of_tags_is_wrong_usage(String changes) {
        assertThat(site.run(("tag db01 " + changes).split(" ", changes.equals("+two words") ? 3 : 9)))
                .isEqualTo(2);
        assertThat(site.run("tag", "db01")).isZero();
        assertThat(site.out()).isEqualTo("no tags\n");
    }

    @Test
    void a_machine_that_is_not_there_is_refused() {
        assertThat(site.run("tag", "db02", "+prod")).isEqualTo(3);
        assertThat(site.err()).contains("no vm 'db02'");
    }
}
