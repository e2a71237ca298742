package io.stillframe.orchestrator.api;

import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;

/** Why a request is not answered as it was meant, in the form in which every command tells what went wrong. */
public final class ApiProblem extends RuntimeException {
    private final int status;
    private final String code;
    private final String hint;

    /** @param code by which programs know it */
    public ApiProblem(int status, String code, String message, String hint) {
        super(message);
        this.status = status;
        this.code = code;
        this.hint = hint;
    }

    /** What was asked in a form that is not understood. */
    static ApiProblem badRequest(String message, String hint) {
        return new ApiProblem(400, "BAD_REQUEST", message + "; nothing was touched", hint);
    }

    public int status() {
        return status;
    }

    /** The document that tells it. */
    public String json() {
        return JsonMapper.shared().writeValueAsString(document());
    }

    /** The same before it is a text. */
    Map<String, Object> document() {
        return Map.of("error", new TreeMap<>(Map.of("code", code, "message", getMessage(), "hint", hint)));
    }
}
