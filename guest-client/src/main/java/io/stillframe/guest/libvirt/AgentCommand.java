package io.stillframe.guest.libvirt;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** A command in the agent's own protocol (QEMU's {@code qga/qapi-schema.json}). */
record AgentCommand(String name, Map<String, Object> arguments) {
    private static final JsonMapper JSON = new JsonMapper();

    static AgentCommand of(String name) {
        return new AgentCommand(name, Map.of());
    }

    static AgentCommand sync(long id) {
        return new AgentCommand("guest-sync", Map.of("id", id));
    }

    static AgentCommand exec(List<String> argv) {
        return new AgentCommand(
                "guest-exec", Map.of("path", argv.get(0), "arg", argv.subList(1, argv.size()), "capture-output", true));
    }

    static AgentCommand execStatus(long pid) {
        return new AgentCommand("guest-exec-status", Map.of("pid", pid));
    }

    /**
     * How many bytes its answer may have. What a sentinel asks is answered in a few words: it guards many guests in a small
     * heap, of which no one guest's answer may take much.
     */
    int mostBytes() {
        return switch (name) {
            case "guest-info", "guest-exec-status" -> Bounds.MAX_REPLY;
            default -> Bounds.MAX_SHORT_REPLY;
        };
    }

    String json() {
        return JSON.writeValueAsString(
                arguments.isEmpty() ? Map.of("execute", name) : Map.of("execute", name, "arguments", arguments));
    }
}
