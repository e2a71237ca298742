package io.stillframe.orchestrator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillframe.config.Settings;
import io.stillframe.db.RunId;
import io.stillframe.orchestrator.cli.CommandFailed;
import io.stillframe.orchestrator.cli.GlobalOptions;
import io.stillframe.orchestrator.cli.Site;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class LocalSiteTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private Path config;

    @BeforeEach
    void nameIt(@TempDir Path directory) {
        config = directory.resolve("stillframe.yaml");
    }

    @Test
    void options_come_before_the_configuration() throws Exception {
        Files.writeString(config, "connect: qemu:///session\nstate-dir: /from/file\nfreeze-limit: 3s\n");
        Settings settings = site("--connect", "test:///default").settings();
        assertThat(settings.connect()).isEqualTo("test:///default");
        assertThat(settings.stateDir()).isEqualTo(Path.of("/from/file"));
        assertThat(settings.limits().freeze()).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void an_invalid_configuration_is_told_with_all_that_is_wrong() throws Exception {
        Files.writeString(config, "freeze-limit: soon\nfrobnicate: 1\n");
        assertThatExceptionOfType(CommandFailed.class)
                .isThrownBy(() -> site().settings())
                .withMessageContaining("freeze-limit")
                .withMessageContaining("frobnicate");
    }

    @Test
    void a_configuration_that_was_named_and_is_not_there_is_a_mistake() {
        assertThatExceptionOfType(CommandFailed.class).isThrownBy(() -> site().settings());
    }

    @Test
    void a_configuration_is_read_anew_and_what_is_in_force_stays() throws Exception {
        Files.writeString(config, "freeze-limit: 3s\n");
        LocalSite site = site("--connect", "test:///default");
        Settings before = site.settings();
        Files.writeString(config, "freeze-limit: 4s\n");
        Settings read = site.reread();
        assertThat(read.limits().freeze()).isEqualTo(Duration.ofSeconds(4));
        assertThat(read.connect()).as("options still come first").isEqualTo("test:///default");
        assertThat(site.settings()).isEqualTo(before);
        try (Site other = anew(site, read)) {
            assertThat(other.settings()).isEqualTo(read);
        }
    }

    @Test
    void who_must_not_fail_goes_on_without_an_invalid_configuration() throws Exception {
        Files.writeString(config, "freeze-limit: soon\n");
        LocalSite site = site("--connect", "test:///default");
        site.forgiveConfiguration();
        assertThat(site.settings().connect()).isEqualTo("test:///default");
        assertThat(site.settings().limits()).isEqualTo(Settings.DEFAULT.limits());
        assertThat(err.toString(StandardCharsets.UTF_8))
                .startsWith("warning: the configuration")
                .contains("soon");
    }

    @Test
    void at_a_site_that_is_kept_one_works_at_a_time_and_others_look_on(@TempDir Path state) throws Exception {
        Files.writeString(config, "state-dir: " + state + "\n");
        try (LocalSite site = site("--connect", "test:///default")) {
            site.keep();
            Settings settings = site.settings();
            try (Site work = anew(site, settings);
                    Site look = anew(site, settings)) {
                work.hold("snapshot", List.of());
                work.journal().plan(new RunId("000000000001"), new UUID(0, 1), "db01", Instant.EPOCH);
                assertThat(look.journalToLookAt().orElseThrow().unfinished()).hasSize(1);
            }
            Files.createDirectory(state.resolve("leases"));
            Files.createFile(state.resolve("leases").resolve(new UUID(0, 1) + ".lease"));
            try (Site work = anew(site, settings);
                    Site look = anew(site, settings)) {
                work.hold("snapshot", List.of());
                assertThat(work.held()).hasSize(1);
                assertThat(look.held())
                        .as("whose lease it is, only who has the turn can tell")
                        .isEmpty();
            }
            try (Site look = anew(site, settings)) {
                assertThat(look.held()).as("while nobody works it is nobody's").hasSize(1);
            }
            try (Site work = anew(site, settings)) {
                work.hold("snapshot", List.of());
                assertThat(work.held()).as("and the turn is free again").hasSize(1);
            }
        }
    }

    @Test
    void at_a_site_that_is_kept_a_job_lets_others_work_and_waits_for_its_turn_again(@TempDir Path state)
            throws Exception {
        Files.writeString(config, "state-dir: " + state + "\n");
        try (LocalSite site = site("--connect", "test:///default")) {
            site.keep();
            Settings settings = site.settings();
            try (Site merge = anew(site, settings)) {
                merge.hold("delete", List.of());
                try (Site snapshot = anew(site, settings)) {
                    merge.letOthers();
                    merge.letOthers();
                    snapshot.hold("snapshot", List.of());
                }
                merge.hold("delete", List.of());
            }
        }
    }

    @Test
    void a_site_that_is_not_kept_is_held_to_the_end(@TempDir Path state) throws Exception {
        Files.writeString(config, "state-dir: " + state + "\n");
        try (LocalSite site = site("--connect", "test:///default")) {
            site.hold("delete", List.of());
            site.letOthers();
            try (FileChannel other = FileChannel.open(state.resolve("lock"), StandardOpenOption.WRITE)) {
                assertThatThrownBy(other::tryLock).isInstanceOf(OverlappingFileLockException.class);
            }
        }
    }

    @Test
    void a_site_that_is_not_kept_has_to_be_held_to_look_at_its_journal() throws Exception {
        Files.writeString(config, "");
        try (LocalSite site = site()) {
            assertThat(site.journalToLookAt()).isEmpty();
        }
    }

    private Site anew(LocalSite site, Settings settings) {
        return site.anew(
                settings, new LocalCaller(new Interruption(), new PrintStream(err, true, StandardCharsets.UTF_8)));
    }

    private LocalSite site(String... options) {
        GlobalOptions global = new GlobalOptions();
        CommandLine line = new CommandLine(CommandLine.Model.CommandSpec.create()
                .addMixin("global", CommandLine.Model.CommandSpec.forAnnotatedObject(global)));
        String[] all = java.util.stream.Stream.concat(
                        java.util.stream.Stream.of("--config", config.toString()), java.util.stream.Stream.of(options))
                .toArray(String[]::new);
        line.parseArgs(all);
        return new LocalSite(global, new Interruption(), new PrintStream(err, true, StandardCharsets.UTF_8));
    }
}
