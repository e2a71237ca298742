package io.stillframe.guest.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class AgentCommandTest {
    private static final JsonMapper JSON = new JsonMapper();

    @Test
    void a_command_without_arguments_is_its_name() {
        assertThat(AgentCommand.of("guest-info").json()).isEqualTo("{\"execute\":\"guest-info\"}");
    }

    @Test
    void a_program_and_its_arguments_reach_the_agent_as_they_are() {
        String json = AgentCommand.exec(List.of("/bin/echo", "a b", "\"'\\", "März\n"))
                .json();

        assertThat(JSON.readTree(json))
                .isEqualTo(JSON.valueToTree(Map.of(
                        "execute",
                        "guest-exec",
                        "arguments",
                        Map.of(
                                "path",
                                "/bin/echo",
                                "arg",
                                List.of("a b", "\"'\\", "März\n"),
                                "capture-output",
                                true))));
    }
}
