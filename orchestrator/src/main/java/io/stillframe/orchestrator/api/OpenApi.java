package io.stillframe.orchestrator.api;

import io.stillframe.orchestrator.api.Parameter.In;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The OpenAPI 3.1 document of endpoints. What an answer holds is read off the record that it is made of. */
final class OpenApi {
    private static final String ERROR = "Error";

    private final Map<String, Object> schemas = new TreeMap<>();

    private OpenApi() {}

    static String of(List<Endpoint> endpoints, String version) {
        OpenApi api = new OpenApi();
        Map<String, Object> paths = new LinkedHashMap<>();
        endpoints.forEach(endpoint -> paths(paths, endpoint).put(lower(endpoint.method()), api.operation(endpoint)));
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("openapi", "3.1.0");
        document.put(
                "info",
                Map.of(
                        "title",
                        "stillframe",
                        "version",
                        version,
                        "description",
                        "The daemon's side of every command."));
        document.put("paths", paths);
        api.schemas.put(ERROR, error());
        document.put(
                "components",
                Map.of(
                        "schemas",
                        api.schemas,
                        "securitySchemes",
                        Map.of("token", Map.of("type", "http", "scheme", "bearer"))));
        document.put("security", List.of(Map.of("token", List.of())));
        return JsonMapper.builder()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .build()
                .writeValueAsString(document);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> paths(Map<String, Object> paths, Endpoint endpoint) {
        return (Map<String, Object>) paths.computeIfAbsent(endpoint.path(), any -> new LinkedHashMap<String, Object>());
    }

    private Map<String, Object> operation(Endpoint endpoint) {
        Map<String, Object> operation = new LinkedHashMap<>();
        operation.put("summary", endpoint.summary());
        List<Map<String, Object>> parameters = new ArrayList<>();
        endpoint.parameters().stream()
                .filter(parameter -> parameter.in() != In.BODY)
                .forEach(parameter -> parameters.add(Map.of(
                        "name", parameter.name(),
                        "in", lower(parameter.in()),
                        "required", parameter.required(),
                        "description", parameter.description(),
                        "schema", schema(parameter.kind()))));
        operation.put("parameters", parameters);
        if (endpoint.hasBody()) {
            operation.put("requestBody", Map.of("required", true, "content", json(body(endpoint))));
        }
        Map<String, Object> good = endpoint.answer()
                .map(answer -> json(schema(answer)))
                .orElse(Map.of("text/event-stream", Map.of("schema", Map.of("type", "string"))));
        operation.put(
                "responses",
                Map.of(
                        "200", Map.of("description", "done", "content", good),
                        "default", Map.of("description", "what went wrong", "content", json(reference(ERROR)))));
        return operation;
    }

    private static Map<String, Object> body(Endpoint endpoint) {
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        endpoint.parameters().stream()
                .filter(parameter -> parameter.in() == In.BODY)
                .forEach(parameter -> {
                    Map<String, Object> property = new LinkedHashMap<>(schema(parameter.kind()));
                    property.put("description", parameter.description());
                    properties.put(parameter.name(), property);
                    if (parameter.required()) {
                        required.add(parameter.name());
                    }
                });
        Map<String, Object> body = new LinkedHashMap<>(object(properties));
        body.put("required", required);
        body.put("additionalProperties", false);
        return body;
    }

    private static Map<String, Object> error() {
        Map<String, Object> text = Map.of("type", "string");
        return object(Map.of("error", object(new TreeMap<>(Map.of("code", text, "message", text, "hint", text)))));
    }

    private static Map<String, Object> schema(Parameter.Kind kind) {
        return switch (kind) {
            case TEXT -> Map.of("type", "string");
            case TEXTS -> Map.of("type", "array", "items", Map.of("type", "string"));
            case FLAG -> Map.of("type", "boolean");
            case NUMBER -> Map.of("type", "integer");
        };
    }

    private Map<String, Object> schema(Type type) {
        if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
            return Map.of("type", "array", "items", schema(list.getActualTypeArguments()[0]));
        }
        if (type instanceof Class<?> of && of.isRecord()) {
            return ofRecord(of);
        }
        if (type == Instant.class) {
            return Map.of("type", List.of("string", "null"), "format", "date-time");
        }
        if (type == String.class) {
            return Map.of("type", List.of("string", "null"));
        }
        if (type == boolean.class) {
            return Map.of("type", "boolean");
        }
        if (type == int.class || type == long.class || type == Long.class) {
            return Map.of("type", List.of("integer", "null"));
        }
        if (type == double.class || type == Double.class) {
            return Map.of("type", List.of("number", "null"));
        }
        return Map.of(); // anything
    }

    private Map<String, Object> ofRecord(Class<?> type) {
        String name = type.getSimpleName();
        if (!schemas.containsKey(name)) {
            schemas.put(name, Map.of()); // one that holds itself ends here
            Map<String, Object> properties = new LinkedHashMap<>();
            for (RecordComponent component : type.getRecordComponents()) {
                properties.put(component.getName(), schema(component.getGenericType()));
            }
            schemas.put(name, object(properties));
        }
        return reference(name);
    }

    private static Map<String, Object> object(Map<String, Object> properties) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("type", "object");
        object.put("properties", properties);
        return object;
    }

    private static Map<String, Object> reference(String name) {
        return Map.of("$ref", "#/components/schemas/" + name);
    }

    private static Map<String, Object> json(Map<String, Object> schema) {
        return Map.of("application/json", Map.of("schema", schema));
    }

    private static String lower(Enum<?> of) {
        return of.name().toLowerCase(Locale.ROOT);
    }
}
