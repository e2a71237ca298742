package io.stillframe.config;

import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The configuration as a JSON Schema, for editors to complete it and mark what is wrong as it is written. */
public final class SettingsSchema {
    private SettingsSchema() {}

    /** Made of the very readers that load a file: it has every key that they know, and no other. */
    public static String text() {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.put("title", "Stillframe's configuration");
        schema.putAll(SettingsFile.schema());
        return JsonMapper.builder()
                        .enable(SerializationFeature.INDENT_OUTPUT)
                        .build()
                        .writeValueAsString(schema)
                + "\n";
    }
}
