package io.stillframe.orchestrator.api;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * One thing that can be asked: as it is documented, and as it is done.
 *
 * @param path with {@code {name}} where a parameter of the path stands
 * @param answer the record that a good answer is a document of; empty where it is a stream of events
 */
public record Endpoint(
        Method method, String path, String summary, List<Parameter> parameters, Optional<Class<?>> answer, Work work) {
    /** The methods that are used. */
    public enum Method {
        GET,
        POST,
        DELETE
    }

    /** What is done. */
    @FunctionalInterface
    public interface Work {
        /**
         * Answers; on a thread that may be blocked for as long as it takes, and is never interrupted.
         *
         * @throws ApiProblem what stands against it
         * @throws IOException when who asked is gone
         */
        void answer(Arguments arguments, Exchange exchange) throws IOException;
    }

    String name() {
        return method + " " + path;
    }

    boolean hasBody() {
        return parameters.stream().anyMatch(parameter -> parameter.in() == Parameter.In.BODY);
    }
}
