package io.stillframe.orchestrator.api;

import io.stillframe.orchestrator.api.Parameter.In;
import io.stillframe.orchestrator.api.Parameter.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Makes arguments of what came with a request; whatever does not fit is refused with its name. */
final class Requests {
    private final Endpoint endpoint;
    private final Map<String, List<String>> values = new LinkedHashMap<>();

    Requests(Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    Requests path(Map<String, String> given) {
        given.forEach((name, value) -> values.put(name, List.of(value)));
        return this;
    }

    /** @throws ApiProblem when one of them is unknown, given twice, or not what it must be */
    Requests query(Map<String, List<String>> given) {
        given.forEach((name, all) -> {
            Parameter parameter = known(In.QUERY, name);
            if (all.size() > 1 && parameter.kind() != Kind.TEXTS) {
                throw ApiProblem.badRequest("the parameter '%s' is given twice".formatted(name), "give it once");
            }
            all.forEach(value -> requireKind(parameter, value));
            values.put(name, all);
        });
        return this;
    }

    /** @throws ApiProblem when it is no object of what is known */
    Requests body(String text) {
        JsonNode root = parsed(text);
        if (!root.isObject()) {
            throw ApiProblem.badRequest("the body is no JSON object", inWords());
        }
        root.properties().forEach(of -> values.put(of.getKey(), texts(known(In.BODY, of.getKey()), of.getValue())));
        return this;
    }

    /** @throws ApiProblem when one that is demanded is missing */
    Arguments arguments() {
        endpoint.parameters().stream()
                .filter(parameter -> parameter.required()
                        && values.getOrDefault(parameter.name(), List.of()).isEmpty())
                .findFirst()
                .ifPresent(missing -> {
                    throw ApiProblem.badRequest(
                            "'%s' is missing: %s".formatted(missing.name(), missing.description()), inWords());
                });
        return new Arguments(values);
    }

    private static JsonNode parsed(String text) {
        try {
            return JsonMapper.shared().readTree(text.isBlank() ? "{}" : text);
        } catch (JacksonException e) {
            throw ApiProblem.badRequest("the body is no JSON: " + e.getOriginalMessage(), "send a JSON object");
        }
    }

    private Parameter known(In in, String name) {
        return endpoint.parameters().stream()
                .filter(parameter -> parameter.in() == in && parameter.name().equals(name))
                .findFirst()
                .orElseThrow(() -> ApiProblem.badRequest(
                        "%s has no %s '%s'".formatted(endpoint.name(), in == In.BODY ? "field" : "parameter", name),
                        inWords()));
    }

    private List<String> texts(Parameter parameter, JsonNode value) {
        List<String> texts = new ArrayList<>();
        if (parameter.kind() == Kind.TEXTS && value.isArray()) {
            value.forEach(element -> texts.add(text(parameter, element)));
        } else {
            texts.add(text(parameter, value));
        }
        return texts;
    }

    private static String text(Parameter parameter, JsonNode value) {
        boolean fits =
                switch (parameter.kind()) {
                    case TEXT, TEXTS -> value.isString();
                    case FLAG -> value.isBoolean();
                    case NUMBER -> value.isIntegralNumber() && value.canConvertToInt();
                };
        if (!fits) {
            throw wrongKind(parameter);
        }
        return value.asString();
    }

    private static void requireKind(Parameter parameter, String value) {
        boolean fits =
                switch (parameter.kind()) {
                    case TEXT, TEXTS -> true;
                    case FLAG -> value.equals("true") || value.equals("false");
                    case NUMBER -> value.matches("-?\\d{1,9}");
                };
        if (!fits) {
            throw wrongKind(parameter);
        }
    }

    private static ApiProblem wrongKind(Parameter parameter) {
        return ApiProblem.badRequest(
                "'%s' is not %s".formatted(parameter.name(), parameter.kind().words()), parameter.description());
    }

    private String inWords() {
        return endpoint.parameters().isEmpty()
                ? "it has no parameters"
                : endpoint.parameters().stream()
                        .map(parameter -> "%s (%s%s)"
                                .formatted(
                                        parameter.name(),
                                        parameter.kind().words(),
                                        parameter.required() ? ", needed" : ""))
                        .collect(Collectors.joining(", ", "there are: ", ""));
    }
}
