package io.stillframe.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import io.stillframe.config.Keep.Period;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SettingsFileTest {
    static Stream<Path> valid() {
        return samples("valid", ".yaml");
    }

    static Stream<Path> invalid() {
        return samples("invalid", ".yaml");
    }

    @ParameterizedTest
    @MethodSource("valid")
    void every_valid_sample_loads(Path sample) {
        assertThat(SettingsFile.load(sample)).isInstanceOf(Loaded.Valid.class);
    }

    @ParameterizedTest
    @MethodSource("invalid")
    void every_invalid_sample_gives_exactly_the_messages_beside_it(Path sample) throws IOException {
        Path expected = sample.resolveSibling(sample.getFileName().toString().replace(".yaml", ".txt"));
        assertThat(expected).as("a sample without its messages proves nothing").exists();
        assertThat(messages(sample)).isEqualTo(Files.readAllLines(expected));
    }

    @Test
    void no_message_is_left_without_its_sample() {
        assertThat(samples("invalid", ".txt").map(path -> path.toString().replace(".txt", ".yaml")))
                .containsExactlyElementsOf(invalid().map(Path::toString).toList());
    }

    @Test
    void every_setting_reaches_its_place() {
        assertThat(settings(sample("valid/everything.yaml")))
                .isEqualTo(new Settings(
                        "qemu+ssh://root@hypervisor.example/system",
                        Path.of("/srv/stillframe/state"),
                        Requirement.APPLICATION,
                        new OnDoubt(3, OnDoubt.Then.KEEP_AS_CRASH),
                        new Hooks(List.of(Hook.MARIADB, Hook.INSTALLED, Hook.POSTGRESQL), Duration.ofSeconds(90)),
                        new Limits(
                                Duration.ofMillis(1500),
                                Duration.ofMinutes(2),
                                new ByteSize(10_000_000_000L),
                                12,
                                new Caps(8, 3)),
                        new Space(new ByteSize(10L << 30), new Percent(70), new Percent(90)),
                        Duration.ofDays(180),
                        Map.of()));
    }

    @Test
    void every_part_of_a_policy_reaches_its_place() {
        Policy nightly = settings(sample("valid/policies.yaml")).policies().get("nightly");
        assertThat(nightly)
                .isEqualTo(new Policy(
                        "nightly",
                        new Select(
                                List.of(new Glob("web-*"), new Glob("db01")),
                                Set.of("prod"),
                                List.of(new Glob("*-test"))),
                        new Timetable(
                                nightly.timetable().recurrences(), ZoneId.of("Europe/Paris"), Duration.ofMinutes(5)),
                        Optional.of(new Keep(
                                3,
                                Map.of(
                                        Period.HOURLY, 24,
                                        Period.DAILY, 7,
                                        Period.WEEKLY, 4,
                                        Period.MONTHLY, 12,
                                        Period.YEARLY, 2),
                                Duration.ofDays(2))),
                        new Demands(
                                Requirement.FILESYSTEM,
                                new OnDoubt(2, OnDoubt.Then.KEEP_AS_CRASH),
                                Duration.ofSeconds(10),
                                Hooks.DEFAULT),
                        Grouping.ALL_OR_NOTHING));
        assertThat(nightly.timetable().recurrences()).hasToString("[0 2 * * *]");
    }

    @Test
    void what_a_policy_does_not_say_is_what_holds_for_all() {
        Map<String, Policy> policies =
                settings(sample("valid/policies-otherwise.yaml")).policies();
        assertThat(policies).containsOnlyKeys("little", "often.or-not");
        Policy little = policies.get("little");
        assertThat(little.timetable())
                .isEqualTo(new Timetable(
                        List.of(new Recurrence.Every(Duration.ofMinutes(15))), ZoneId.of("UTC"), Duration.ZERO));
        assertThat(little.keep()).isEmpty();
        assertThat(little.grouping()).isEqualTo(Grouping.KEEP_OTHERS);
        assertThat(policies.get("often.or-not").grouping()).isEqualTo(Grouping.NONE);
        assertThat(little.demands())
                .isEqualTo(new Demands(
                        Requirement.CRASH,
                        new OnDoubt(1, OnDoubt.Then.DISCARD),
                        Duration.ofSeconds(5),
                        new Hooks(List.of(Hook.POSTGRESQL), Duration.ofSeconds(20))));
        assertThat(policies.get("often.or-not").demands().onDoubt())
                .isEqualTo(new OnDoubt(1, OnDoubt.Then.KEEP_AS_CRASH));
        assertThat(policies.get("often.or-not").demands().hooks())
                .isEqualTo(new Hooks(List.of(), Duration.ofSeconds(20)));
        assertThat(policies.get("often.or-not").timetable().recurrences())
                .hasToString(
                        "[@hourly, */20 8-17,22 1-31/2 jan,Jul-dec mon-fri, 0 0 29 feb *, 0 0 31 * 5-7, every 7d]");
    }

    @Test
    void an_empty_file_means_the_defaults() {
        for (String empty : List.of("empty", "comments-only", "document-mark-only")) {
            assertThat(settings(sample("valid/" + empty + ".yaml"))).isEqualTo(Settings.DEFAULT);
        }
    }

    @Test
    void a_missing_file_is_a_problem_and_not_the_defaults(@TempDir Path directory) {
        assertThat(messages(directory.resolve("stillframe.yaml"))).containsExactly("stillframe.yaml: no such file");
    }

    @Test
    void a_directory_is_a_problem_and_not_an_exception(@TempDir Path directory) throws IOException {
        Path file = Files.createDirectory(directory.resolve("stillframe.yaml"));
        assertThat(messages(file)).singleElement().asString().startsWith("stillframe.yaml: cannot be read: ");
    }

    @Test
    void a_file_too_large_is_not_read_at_all(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("stillframe.yaml");
        Files.writeString(file, "#".repeat(SettingsFile.MAX_BYTES + 1));
        assertThat(messages(file)).containsExactly("stillframe.yaml: too large; expected at most 1MiB");
    }

    @Test
    void the_largest_file_allowed_is_read(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("stillframe.yaml");
        Files.writeString(file, "#".repeat(SettingsFile.MAX_BYTES));
        assertThat(settings(file)).isEqualTo(Settings.DEFAULT);
    }

    private static Settings settings(Path file) {
        Loaded loaded = SettingsFile.load(file);
        return loaded instanceof Loaded.Valid valid ? valid.settings() : fail(loaded.toString());
    }

    private static List<String> messages(Path file) {
        Loaded loaded = SettingsFile.load(file);
        return loaded instanceof Loaded.Invalid invalid
                ? invalid.problems().stream()
                        .map(problem -> problem.toString().replace(file.getParent() + "/", ""))
                        .toList()
                : fail("was taken for valid: " + file);
    }

    private static Path sample(String name) {
        try {
            return Path.of(SettingsFileTest.class.getResource("/samples").toURI())
                    .resolve(name);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Stream<Path> samples(String directory, String suffix) {
        try (Stream<Path> files = Files.list(sample(directory))) {
            List<Path> found = files.filter(path -> path.toString().endsWith(suffix))
                    .sorted()
                    .toList();
            assertThat(found).as("samples in " + directory).isNotEmpty();
            return found.stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
