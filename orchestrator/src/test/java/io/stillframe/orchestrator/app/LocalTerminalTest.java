package io.stillframe.orchestrator.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Commands;
import io.stillframe.storage.exec.Commands.Exit;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LocalTerminalTest {
    @TempDir
    private Path streams;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private Commands stty = (argv, limit) -> new Exit(0, "40 132\n", "");

    @ParameterizedTest
    @CsvSource({
        "/dev/pts/3, /dev/pts/3, true",
        "/dev/tty1, /dev/console, true",
        "pipe:[12], /dev/pts/3, false",
        "/dev/pts/3, /tmp/log, false",
        "/dev/null, /dev/pts/3, false"
    })
    void somebody_can_be_asked_where_input_and_errors_are_a_terminal(String input, String errors, boolean can)
            throws IOException {
        link(0, input);
        link(2, errors);
        assertThat(terminal("").canAsk()).isEqualTo(can);
    }

    @Test
    void progress_is_as_wide_as_the_terminal_that_errors_go_to() throws IOException {
        link(2, "/dev/pts/3");
        assertThat(terminal("").columns()).hasValue(132);
        stty = (argv, limit) -> new Exit(0, "0 0\n", "");
        assertThat(terminal("").columns()).as("one that does not know").hasValue(80);
        stty = (argv, limit) -> {
            throw new CommandException("there is no stty");
        };
        assertThat(terminal("").columns()).hasValue(80);
    }

    @Test
    void nobody_looks_at_a_pipe_a_file_or_a_closed_stream() throws IOException {
        assertThat(terminal("").columns()).isEqualTo(OptionalInt.empty());
        link(2, "pipe:[12]");
        assertThat(terminal("").columns()).isEqualTo(OptionalInt.empty());
    }

    @ParameterizedTest
    @CsvSource({"y, true", "YES, true", "' y ', true", "n, false", "yess, false", "'', false"})
    void only_a_yes_is_a_yes(String answer, boolean yes) {
        assertThat(terminal(answer + "\n").confirm("Go on?")).isEqualTo(yes);
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("Go on? [y/N] ");
        assertThat(terminal("").confirm("Go on?")).as("no answer").isFalse();
    }

    private void link(int stream, String to) throws IOException {
        Files.createSymbolicLink(streams.resolve(String.valueOf(stream)), Path.of(to));
    }

    private LocalTerminal terminal(String input) {
        return new LocalTerminal(
                stty,
                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                streams);
    }
}
