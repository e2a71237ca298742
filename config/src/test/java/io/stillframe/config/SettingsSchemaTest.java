package io.stillframe.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SettingsSchemaTest {
    private static final Path SHIPPED = Path.of("..", "docs", "stillframe.schema.json");

    @Test
    void the_schema_that_is_shipped_is_the_one_that_holds() throws IOException {
        assertThat(Files.readString(SHIPPED))
                .as("write it anew with 'stillframe config schema > docs/stillframe.schema.json'")
                .isEqualTo(SettingsSchema.text());
    }

    @Test
    void it_knows_the_keys_of_every_level_and_says_what_each_is_and_that_there_are_no_others() {
        JsonNode schema = JsonMapper.shared().readTree(SettingsSchema.text());
        JsonNode policy = schema.at("/properties/policies/additionalProperties");
        assertThat(schema.at("/properties").propertyNames()).contains("on-doubt", "freeze-limit", "policies");
        assertThat(policy.at("/properties").propertyNames())
                .containsExactly(
                        "select",
                        "schedule",
                        "zone",
                        "jitter",
                        "keep",
                        "require",
                        "on-doubt",
                        "freeze-limit",
                        "hooks",
                        "hook-limit",
                        "group");
        assertThat(policy.at("/required")).extracting(JsonNode::asString).containsExactly("select", "schedule");
        assertThat(policy.at("/properties/keep/properties/daily/maximum").asInt())
                .isEqualTo(10_000);
        assertThat(policy.at("/properties"))
                .allSatisfy(key -> assertThat(key.at("/description").asString()).isNotEmpty());
        for (String level : List.of("", "/properties/select", "/properties/keep", "/properties/on-doubt")) {
            assertThat(policy.at(level + "/additionalProperties").asBoolean(true))
                    .as(level)
                    .isFalse();
        }
        assertThat(schema.at("/additionalProperties").asBoolean(true)).isFalse();
    }
}
