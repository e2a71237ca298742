package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.orchestrator.app.WithinThisProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command line as a user runs it, with a state directory and a configuration of the test's own. */
final class Cli {
    /** Where a process takes long to start, what is to be waited for anyway is run without one of its own. */
    private static final boolean WITHIN_THIS_PROCESS = Boolean.getBoolean("stillframe.within");

    private final Path stateDir;
    private final Path config;

    /** Keeps its files in a directory that the test removes. */
    Cli(Path directory) {
        stateDir = directory.resolve("state");
        config = directory.resolve("stillframe.yaml");
        configure("");
    }

    /** What one command line gave. */
    record Done(int exit, String out, String err) {
        private static final JsonMapper JSON = new JsonMapper();

        /** The one document on stdout. */
        JsonNode json() {
            return JSON.readTree(out);
        }

        /** The first machine's part. */
        JsonNode run() {
            return json().get("runs").get(0);
        }

        Done exits(int status) {
            assertThat(exit).as("exit status; stdout: %s stderr: %s", out, err).isEqualTo(status);
            return this;
        }

        /** An error of this code, with its message and a hint on both channels. */
        Done tells(String code) {
            JsonNode error = json().has("runs") ? run().get("error") : json().get("error");
            assertThat(error.path("code").asString(""))
                    .as("error code in %s", out)
                    .isEqualTo(code);
            String message = error.get("message").asString();
            String hint = error.get("hint").asString();
            assertThat(message).isNotBlank();
            assertThat(hint).isNotBlank();
            assertThat(err).contains("error: " + message, "hint: " + hint);
            return this;
        }

        /** A completed snapshot, and nothing that anybody must be told. */
        Done took(String consistency) {
            exits(0);
            assertThat(run().get("state").asString()).isEqualTo("COMPLETED");
            assertThat(run().get("consistency").asString()).isEqualTo(consistency);
            assertThat(run().get("error").isNull()).isTrue();
            assertThat(err).isEmpty();
            return this;
        }
    }

    Path stateDir() {
        return stateDir;
    }

    void configure(String yaml) {
        try {
            Files.createDirectories(config.getParent());
            Files.writeString(config, yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a command that prints JSON. */
    Done json(String command, String... arguments) {
        if (!WITHIN_THIS_PROCESS) {
            return await(startJson(command, arguments));
        }
        List<String> words = words(List.of("--json"), command, arguments);
        WithinThisProcess.Ended ended = WithinThisProcess.execute(words.toArray(String[]::new));
        return new Done(ended.status(), ended.out(), ended.err());
    }

    /** Runs a command as a person does. */
    Done text(String command, String... arguments) {
        return await(Tool.start(argv(List.of(), command, arguments)));
    }

    /** The newest run of a machine, with its states and evidence; both looks at it end with this status. */
    JsonNode lastRun(LabGuest of, int status) {
        String id = json("runs", of.name())
                .exits(status)
                .json()
                .get("runs")
                .get(0)
                .get("run")
                .asString();
        return json("show", id).exits(status).json().get("run");
    }

    /** The names of a machine's snapshots, as they are listed. */
    List<String> snapshotsOf(LabGuest of) {
        return json("snapshots", of.name())
                .exits(0)
                .json()
                .get("snapshots")
                .valueStream()
                .map(snapshot -> snapshot.get("id").asString())
                .toList();
    }

    Tool.Running startJson(String command, String... arguments) {
        return Tool.start(argv(List.of("--json"), command, arguments));
    }

    /** Starts a command that finds the tools of a directory before this host's. */
    Tool.Running withToolsIn(Path tools, String command, String... arguments) {
        List<String> argv = new ArrayList<>(List.of("env", "PATH=%s:%s".formatted(tools, System.getenv("PATH"))));
        argv.addAll(argv(List.of("--json"), command, arguments));
        return Tool.start(argv);
    }

    static Done await(Tool.Running running) {
        Tool ended = running.await();
        return new Done(ended.exit(), ended.out(), ended.err());
    }

    /** Where it keeps its state and what it is configured with, as the first words of a command line. */
    List<String> options() {
        return List.of("--state-dir", stateDir.toString(), "--config", config.toString());
    }

    private List<String> argv(List<String> more, String command, String... arguments) {
        List<String> argv = new ArrayList<>(List.of(
                // whoever runs the tests in the background has SIGINT ignored, and that is inherited
                "env", "--default-signal=INT", Lab.tool("bin/stillframe")));
        argv.addAll(words(more, command, arguments));
        return argv;
    }

    private List<String> words(List<String> more, String command, String... arguments) {
        List<String> words = new ArrayList<>(options());
        words.addAll(more);
        words.add(command);
        words.addAll(List.of(arguments));
        return words;
    }
}
