package io.stillframe.orchestrator.api;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What was given with a request: only what the endpoint has parameters for, and of their kinds. */
public record Arguments(Map<String, List<String>> values) {
    public Arguments {
        values = Map.copyOf(values);
    }

    public List<String> all(String name) {
        return values.getOrDefault(name, List.of());
    }

    public Optional<String> one(String name) {
        return all(name).stream().findFirst();
    }

    /** One that is demanded. */
    public String the(String name) {
        return one(name).orElseThrow();
    }

    public boolean is(String name) {
        return one(name).filter("true"::equals).isPresent();
    }
}
