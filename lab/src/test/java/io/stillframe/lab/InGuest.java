package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a test does with a real machine through libvirt, and inside it through its agent. */
record InGuest(UUID uuid) {
    private static final JsonMapper JSON = new JsonMapper();

    /** A virsh command whose first argument is this guest: {@code virsh("suspend")}. */
    String virsh(String command, String... arguments) {
        List<String> argv = new ArrayList<>(List.of("virsh", "-q", "-c", "qemu:///system", command, uuid.toString()));
        argv.addAll(List.of(arguments));
        return Tool.out(argv.toArray(String[]::new)).strip();
    }

    /** Sends a command in the agent's own protocol. */
    JsonNode agent(String command) {
        return JSON.readTree(virsh("qemu-agent-command", "--timeout", "10", command))
                .get("return");
    }

    boolean agentAnswers() {
        return Tool.run(
                                "virsh",
                                "-q",
                                "-c",
                                "qemu:///system",
                                "qemu-agent-command",
                                "--timeout",
                                "2",
                                uuid.toString(),
                                "{\"execute\":\"guest-ping\"}")
                        .exit()
                == 0;
    }

    /** Runs a shell command in the guest, to its end, and returns what it printed. */
    String shell(String script) {
        int pid = start(script);
        JsonNode ended = Await.value("'%s' ends in the guest".formatted(script), () -> {
            JsonNode status = agent("{\"execute\":\"guest-exec-status\",\"arguments\":{\"pid\":%d}}".formatted(pid));
            return status.get("exited").asBoolean() ? Optional.of(status) : Optional.empty();
        });
        assertThat(ended.path("exitcode").asInt(-1))
                .as("exit of '%s' in the guest", script)
                .isZero();
        return new String(Base64.getDecoder().decode(ended.path("out-data").asString("")), StandardCharsets.UTF_8);
    }

    /** Starts a shell command in the guest and does not wait for it. */
    int start(String script) {
        String quoted = JSON.writeValueAsString(script);
        return agent(
                        "{\"execute\":\"guest-exec\",\"arguments\":{\"path\":\"/bin/sh\",\"arg\":[\"-c\",%s],\"capture-output\":true}}"
                                .formatted(quoted))
                .get("pid")
                .asInt();
    }
}
