package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The guest-side switch as the orchestrator uses it: its text is sent through the agent, nothing is installed. */
final class GuestSwitch {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int CENTISECOND_MILLIS = 10;

    private final LabGuest guest;
    private final String name;

    /** A write that a writer has told of, and when it was made, in milliseconds of the guest's clock. */
    record Beat(long seq, long millis) {}

    GuestSwitch(LabGuest guest, String name) {
        this.guest = guest;
        this.name = name;
    }

    /** Arms it and returns when it is due, in milliseconds of the guest's clock. */
    long arm(Duration time) {
        assertThat(run("arm", name, String.valueOf(time.toSeconds()))).isEqualTo("armed\n");
        return Long.parseLong(
                        guest.shell("cut -d' ' -f3 /run/stillframe/" + name).strip())
                * CENTISECOND_MILLIS;
    }

    String disarm() {
        return run("disarm", name).strip();
    }

    /** The processes of the loop: the shell, and whatever it is about to start. */
    List<String> loop() {
        // the shell that looks has the name in its own command line as well
        return guest.shell("for p in /proc/[0-9]*; do [ $p = /proc/$$ ] || "
                        + "! tr '\\0' ' ' < $p/cmdline | grep -q 'stillframe-switch arm %s ' || echo ${p#/proc/}; done"
                                .formatted(name))
                .lines()
                .toList();
    }

    private String run(String... arguments) {
        List<String> arg = new ArrayList<>(List.of("-c", text(), "stillframe-switch"));
        arg.addAll(List.of(arguments));
        int pid = guest.agent(JSON.writeValueAsString(Map.of(
                        "execute",
                        "guest-exec",
                        "arguments",
                        Map.of("path", "/bin/sh", "arg", arg, "capture-output", true))))
                .get("pid")
                .asInt();
        JsonNode ended = Await.value("%s ends".formatted(List.of(arguments)), () -> {
            JsonNode status =
                    guest.agent("{\"execute\":\"guest-exec-status\",\"arguments\":{\"pid\":%d}}".formatted(pid));
            return status.get("exited").asBoolean() ? Optional.of(status) : Optional.empty();
        });
        assertThat(ended.path("exitcode").asInt(-1)).as("exit in %s", ended).isZero();
        return new String(Base64.getDecoder().decode(ended.path("out-data").asString("")), StandardCharsets.UTF_8);
    }

    static Path script() {
        return Path.of(Lab.tool("guest/stillframe-switch"));
    }

    static String text() {
        try {
            return Files.readString(script());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Beat> beats(LabGuest guest, String writer) {
        return WriterLog.read(guest.directory().resolve("writer.log")).lines().stream()
                .filter(line -> line[0].equals(writer) && line[1].equals("beat"))
                .map(line -> new Beat(Long.parseLong(line[2]), Long.parseLong(line[3])))
                .toList();
    }

    static Beat lastBeat(LabGuest guest, String writer) {
        List<Beat> beats = beats(guest, writer);
        return beats.get(beats.size() - 1);
    }
}
