package io.stillframe.orchestrator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.orchestrator.life.Meters;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressBarsTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Output output = new Output(System.out, new PrintStream(err, true, StandardCharsets.UTF_8));
    private FakeSite site;

    @BeforeEach
    void terminal(@TempDir Path directory) {
        site = new FakeSite(directory);
        site.terminal.columns = OptionalInt.of(80);
    }

    @Test
    void work_is_shown_with_how_far_it_has_come_and_gone_when_it_ends() {
        bars(false).during("removing sf-x vda", meter -> {
            meter.at(0, 200);
            site.timing.pause(Duration.ofSeconds(30));
            meter.at(50, 200);
            return 0;
        });
        assertThat(frames())
                .element(0)
                .asString()
                .startsWith("removing sf-x vda [----")
                .contains("]   0%");
        assertThat(frames()).element(1).asString().contains("[##########---", "]  25%  1:30 left");
        assertThat(frames()).last().asString().isBlank();
    }

    @Test
    void more_looks_than_an_eye_can_follow_are_left_out() {
        bars(false).during("cloning", meter -> {
            for (int i = 0; i <= 1000; i++) {
                site.timing.pause(Duration.ofMillis(1));
                meter.at(i, 1000);
            }
            return 0;
        });
        assertThat(frames()).hasSizeBetween(5, 15);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10, 20, 40, 80, 200})
    void no_line_is_wider_than_the_terminal(int columns) {
        site.terminal.columns = OptionalInt.of(columns);
        bars(false).during("removing sf-0123456789ab vda", meter -> {
            meter.at(1, 3);
            return 0;
        });
        assertThat(frames()).allMatch(frame -> frame.length() <= Math.max(1, columns - 1));
    }

    @Test
    void a_meter_that_goes_back_or_knows_no_total_is_no_trouble() {
        bars(false).during("copying", meter -> {
            meter.at(0, 0);
            site.timing.pause(Duration.ofSeconds(2));
            meter.at(5, 4);
            site.timing.pause(Duration.ofSeconds(2));
            meter.at(1, 4);
            return 0;
        });
        assertThat(frames()).anyMatch(frame -> frame.contains("  0%")).anyMatch(frame -> frame.contains("100%"));
    }

    @Test
    void nothing_is_shown_to_a_program_or_where_nobody_looks() {
        bars(true).during("cloning", meter -> {
            meter.at(1, 2);
            return 0;
        });
        site.terminal.columns = OptionalInt.empty();
        bars(false).during("cloning", meter -> {
            meter.at(1, 2);
            return 0;
        });
        assertThat(err.size()).isZero();
    }

    private Meters bars(boolean json) {
        return ProgressBars.at(site, output, json);
    }

    private Stream<String> frames() {
        return Stream.of(err.toString(StandardCharsets.UTF_8).split("\r")).filter(frame -> !frame.isEmpty());
    }
}
