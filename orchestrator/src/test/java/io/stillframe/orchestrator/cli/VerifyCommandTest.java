package io.stillframe.orchestrator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.db.Consistency;
import io.stillframe.guest.FakeGuest;
import io.stillframe.guest.Faults.Kind;
import io.stillframe.orchestrator.proof.RawDisks;
import io.stillframe.storage.exec.Commands.Exit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class VerifyCommandTest {
    @TempDir
    private Path directory;

    private FakeSite site;
    private FakeGuest guest;
    private final List<String> programs = new ArrayList<>();

    @BeforeEach
    void host(@TempDir Path images) throws IOException {
        site = new FakeSite(directory);
        guest = site.guest("db01").with("vda", Files.writeString(images.resolve("vda.qcow2"), "image"));
    }

    @Test
    void a_snapshot_whose_disk_is_as_it_was_is_borne_out() {
        String id = site.snapshot("db01");
        assertThat(site.run("verify", id)).isZero();
        assertThat(site.out())
                .contains("recorded as filesystem: borne out", "ok  filesystem: ext4 at /mnt/vda", "at rest");
        requireClosed();
    }

    @Test
    void one_whose_disk_is_not_at_rest_is_contradicted_and_keeps_its_record() {
        String id = site.snapshot("db01");
        site.views.put("vda", RawDisks.ext4(false));
        assertThat(site.run("verify", id, "--json")).isEqualTo(1);
        JsonNode verified = site.json();
        assertThat(verified.get("looked").asBoolean()).isTrue();
        assertThat(verified.get("verified").asBoolean()).isFalse();
        assertThat(verified.get("consistency").asString()).isEqualTo("filesystem");
        assertThat(verified.get("error").get("code").asString()).isEqualTo("CONSISTENCY");
        assertThat(site.err())
                .contains("is recorded as 'filesystem'", "count on no more than 'crash'", "its journal is in use")
                .contains("hint: take another snapshot");
        assertThat(site.snapshots()).allMatch(of -> of.consistency() == Consistency.FILESYSTEM);
        requireClosed();
    }

    @Test
    void one_that_claims_nothing_is_not_contradicted_and_never_gets_to_claim_more() {
        site.views.put("vda", RawDisks.ext4(false));
        assertThat(site.run("snapshot", "db01", "--require", "crash")).isZero();
        site.views.put("vda", RawDisks.ext4(true));
        assertThat(site.run("verify", "db01@latest")).isZero();
        assertThat(site.out()).contains("recorded as crash", "ok  found: ext4");
        assertThat(site.snapshots()).allMatch(of -> of.consistency() == Consistency.CRASH);
    }

    @Test
    void one_that_cannot_be_opened_is_not_verified_and_nothing_stays_open() {
        String id = site.snapshot("db01");
        guest.faults().on("store.open", Kind.REFUSED);
        assertThat(site.run("verify", id, "--json")).isEqualTo(3);
        assertThat(site.json().get("looked").asBoolean()).isFalse();
        requireClosed();
    }

    @Test
    void one_whose_view_cannot_be_read_is_not_borne_out() {
        String id = site.snapshot("db01");
        site.views.put("vda", directory.resolve("nothing"));
        assertThat(site.run("verify", id)).isEqualTo(1);
        assertThat(site.err()).contains("disk: vda could not be read");
        requireClosed();
    }

    @Test
    void what_was_open_before_stays_open() {
        String id = site.snapshot("db01");
        assertThat(site.run("open", id)).isZero();
        assertThat(site.run("verify", id)).isZero();
        assertThat(site.storage.open()).hasSize(1);
        assertThat(site.snapshots()).allMatch(of -> of.openedAt().isPresent());
    }

    @ParameterizedTest
    @CsvSource({"0, 0, sound", "4, 1, damaged", "8, 1, not decided"})
    void deep_has_the_filesystems_own_checker_decide(int status, int exit, String word) {
        String id = site.snapshot("db01");
        site.commands = (argv, limit) -> {
            programs.add(String.join(" ", argv));
            assertThat(limit).isLessThanOrEqualTo(Duration.ofMinutes(30));
            return switch (argv.get(0)) {
                case "losetup" -> new Exit(0, argv.contains("--show") ? "/dev/loop7\n" : "", "");
                default -> new Exit(status, "data: 11/8192 files (0.0% non-contiguous)\n", "e2fsck\n");
            };
        };
        assertThat(site.run("verify", id, "--deep")).isEqualTo(exit);
        assertThat(site.out()).contains("deep: ext4 on vda, partition 1: " + word);
        assertThat(programs).hasSize(4);
        assertThat(programs.get(1)).contains("--read-only", "--offset 1048576 --sizelimit ");
        assertThat(programs.get(2)).isEqualTo("e2fsck -n -f /dev/loop7");
        assertThat(programs.get(3)).isEqualTo("losetup --detach /dev/loop7");
        requireClosed();
    }

    @Test
    void deep_without_the_tools_is_told_and_not_taken_for_a_yes() {
        String id = site.snapshot("db01");
        assertThat(site.run("verify", id, "--deep")).isEqualTo(1);
        assertThat(site.err()).contains("cannot start losetup");
        requireClosed();
    }

    @Test
    void what_is_not_at_rest_is_left_to_its_own_recovery() {
        site.views.put("vda", RawDisks.ext4(false));
        assertThat(site.run("snapshot", "db01", "--require", "crash")).isZero();
        site.commands = (argv, limit) -> new Exit(0, "", "");
        assertThat(site.run("verify", "db01@latest", "--deep")).isZero();
        assertThat(site.out()).contains("deep: ext4 on vda, partition 1: not checked");
    }

    @Test
    void a_snapshot_that_is_not_there_is_refused() {
        assertThat(site.run("verify", "sf-nothing")).isEqualTo(3);
    }

    private void requireClosed() {
        assertThat(site.storage.open()).isEmpty();
        assertThat(site.snapshots()).allMatch(of -> of.openedAt().isEmpty());
    }
}
