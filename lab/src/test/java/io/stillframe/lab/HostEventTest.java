package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.lab.HostEvent.Kind;
import org.junit.jupiter.api.Test;

class HostEventTest {
    @Test
    void what_is_told_inside_is_what_is_heard_outside() {
        HostEvent told = new HostEvent(
                Kind.FAILED, "[engine:junit]/[class:A]", "A > b\\n \"c\"", "java.lang.Error: x\r\n\tat A.b\\t\n");

        assertThat(told.line()).doesNotContain("\n", "\r");
        assertThat(HostEvent.parse(told.line())).contains(told);
    }

    @Test
    void what_a_tool_prints_is_no_event() {
        assertThat(HostEvent.parse("  Logical volume \"pool\" created.")).isEmpty();
        assertThat(HostEvent.parse("")).isEmpty();
    }
}
