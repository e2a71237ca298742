package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A real guest with a real agent, made by {@code lab/guest up} and removed at the test's end. */
final class LabGuest implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern BLOCK_DEVICE = Pattern.compile(" *\\S+ +(disk|cdrom) +(\\S+) +(.*)");
    private static final Pattern RECORDS = Pattern.compile("first=(\\d+) last=(\\d+) missing=(\\d+)\\s*");

    private final String name;
    private final UUID uuid;
    private final InGuest inside;
    private final Path directory;
    private final Path writerLog;
    private final List<LabDisk> disks;

    /** A disk as it was made: {@code vda}, its first image, {@code qcow2} or {@code raw}, {@code ext4}. */
    record LabDisk(String target, Path image, String format, String filesystem) {
        /** Whatever lies above the first image is an overlay, which is qcow2 and named so. */
        String formatOf(Path layer) {
            return layer.toString().endsWith(".qcow2") ? "qcow2" : format;
        }
    }

    /** What of a writer's records an image holds. */
    record Records(long first, long last, long missing) {}

    private LabGuest(JsonNode made) {
        name = made.get("name").asString();
        uuid = UUID.fromString(made.get("uuid").asString());
        inside = new InGuest(uuid);
        directory = Path.of(made.get("dir").asString());
        writerLog = Path.of(made.get("writerLog").asString());
        disks = made.get("disks")
                .valueStream()
                .map(disk -> new LabDisk(
                        disk.get("target").asString(),
                        Path.of(disk.get("path").asString()),
                        disk.get("format").asString(),
                        disk.get("fs").asString()))
                .toList();
    }

    /**
     * Makes a guest and waits until its agent answers and its writers write.
     *
     * @param name made unique for this process
     * @param options as {@code lab/guest up --help} lists them
     */
    static LabGuest up(String name, String... options) {
        long pid = ProcessHandle.current().pid();
        List<String> argv =
                new ArrayList<>(List.of(Lab.tool("lab/guest"), "up", name + " " + pid, "--owner", String.valueOf(pid)));
        argv.addAll(List.of(options));
        return new LabGuest(JSON.readTree(Tool.out(argv.toArray(String[]::new))));
    }

    String name() {
        return name;
    }

    UUID uuid() {
        return uuid;
    }

    Path directory() {
        return directory;
    }

    List<LabDisk> disks() {
        return disks;
    }

    LabDisk disk(String target) {
        return disks.stream()
                .filter(disk -> disk.target().equals(target))
                .findFirst()
                .orElseThrow();
    }

    /** A virsh command whose first argument is this guest: {@code virsh("suspend")}. */
    String virsh(String command, String... arguments) {
        return inside.virsh(command, arguments);
    }

    String state() {
        return virsh("domstate");
    }

    /** The QEMU process that this guest runs in. */
    ProcessHandle qemu() {
        return CommandLine.fits(line -> line.contains("\0-uuid\0" + uuid + "\0")).stream()
                .findFirst()
                .orElseThrow();
    }

    /** The image that each disk writes to now, by target. */
    Map<String, Path> activeImages() {
        return images(virsh("domblklist", "--details"));
    }

    /** The image that each disk will write to after the next start. */
    Map<String, Path> definedImages() {
        return images(virsh("domblklist", "--details", "--inactive"));
    }

    private static Map<String, Path> images(String table) {
        Map<String, Path> images = new TreeMap<>();
        table.lines()
                .map(BLOCK_DEVICE::matcher)
                .filter(Matcher::matches)
                .forEach(row -> images.put(row.group(2), Path.of(row.group(3).strip())));
        return images;
    }

    /** The images and overlays in the guest's directory. */
    List<Path> imageFiles() {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().startsWith("vd"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its image files and, where disks of it lie in the storage of the host VM, all that is in there. */
    Set<Path> storage() {
        Set<Path> all = new HashSet<>(imageFiles());
        if (disks.stream().map(LabDisk::image).anyMatch(HostStorage::holds)) {
            all.addAll(HostStorage.all());
        }
        return all;
    }

    WriterLog writerLog() {
        return WriterLog.read(writerLog);
    }

    /** The writer of a disk, by the name it reports under: the disk's, or its first partition's. */
    String writerOf(LabDisk disk) {
        return writers().stream()
                .filter(writer -> writer.startsWith(disk.target()))
                .findFirst()
                .orElseThrow();
    }

    private List<String> writers() {
        return writerLog().writers();
    }

    /** Waits until every writer has written on from here: more beats than could still have been on their way. */
    void awaitWriting() {
        WriterLog before = writerLog();
        assertThat(before.writers()).as("writers of '%s'", name).isNotEmpty();
        for (String writer : before.writers()) {
            int seen = before.beats(writer).size();
            Await.until(
                    "the writer on %s of '%s' writes on".formatted(writer, name),
                    () -> writerLog().beats(writer).size() >= seen + 4);
        }
        assertThat(writerLog().errors()).isEmpty();
    }

    /** How often a line was printed on the console so far. */
    long onConsole(String line) {
        try (Stream<String> lines = Files.lines(directory.resolve("console.log"))) {
            return lines.filter(line::equals).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Makes every freeze take a while (the guest needs {@code lab.hook=on}), with a line on the console when it begins.
     * The freeze hook runs inside the agent's freeze command, before the first filesystem is frozen.
     */
    void makeFreezesTake(Duration about, String announcement) {
        shell(
                "printf '%%s\\n' '#!/bin/sh' '[ $1 = freeze ] || exit 0' 'echo %s > /dev/console' 'sleep %d' > /etc/fsfreeze-hook"
                        .formatted(announcement, about.toSeconds()));
    }

    /** Starts a guest that is off, and waits until its writers have found their files and write on. */
    void start() {
        Map<String, Integer> boots = new TreeMap<>();
        writers().forEach(writer -> boots.put(writer, writerLog().starts(writer).size()));
        virsh("start");
        boots.forEach((writer, count) -> Await.until(
                "the writer on %s of '%s' has started anew".formatted(writer, name),
                () -> writerLog().starts(writer).size() > count));
        awaitWriting();
    }

    /** What a snapshot's image holds, read as it is: no journal is replayed. */
    Records records(LabDisk disk, Path image) {
        try {
            Path file = Files.createTempFile("stillframe-lab", ".dat");
            try {
                Tool.out(
                        Lab.tool("lab/guest"),
                        "read",
                        image.toString(),
                        disk.formatOf(image),
                        disk.filesystem(),
                        "writer.dat",
                        file.toString());
                // exits 1 where something is missing: the count says so, and a test asserts it
                String line = Tool.run(Lab.tool("lab/guest"), "records", file.toString())
                        .out();
                Matcher counts = RECORDS.matcher(line);
                assertThat(counts.matches())
                        .as("records of %s: %s", image, line)
                        .isTrue();
                return new Records(
                        Long.parseLong(counts.group(1)),
                        Long.parseLong(counts.group(2)),
                        Long.parseLong(counts.group(3)));
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is done with it through libvirt and its agent. */
    InGuest inside() {
        return inside;
    }

    /** Sends a command in the agent's own protocol. */
    JsonNode agent(String command) {
        return inside.agent(command);
    }

    boolean agentAnswers() {
        return inside.agentAnswers();
    }

    boolean isFrozen() {
        return agent("{\"execute\":\"guest-fsfreeze-status\"}").asString().equals("frozen");
    }

    /** Runs a shell command in the guest, to its end, and returns what it printed. */
    String shell(String script) {
        return inside.shell(script);
    }

    /** Starts a shell command in the guest and does not wait for it. */
    int startInGuest(String script) {
        return inside.start(script);
    }

    @Override
    public void close() {
        Tool.out(Lab.tool("lab/guest"), "down", uuid.toString());
    }
}
