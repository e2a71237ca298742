package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The snapshot that everybody wants: a running guest, a sound freeze, nothing lost. */
class SnapshotIT {
    @TempDir
    private Path directory;

    @Test
    void a_snapshot_holds_exactly_what_the_guest_had_written_when_it_froze() {
        try (LabGuest guest = LabGuest.up("it-one-disk")) {
            JsonNode run = snapshot(guest, List.of("vda"));

            assertThat(run.get("freeze").get("filesystems").asInt()).isEqualTo(1);
            SnapshotData.isWhatTheGuestHadWritten(guest, run, "vda");
        }
    }

    @Test
    void all_disks_of_a_machine_are_taken_at_the_same_moment_whatever_their_format_and_filesystem() {
        try (LabGuest guest = LabGuest.up("it-two-disks", "--disk", "ext4:qcow2:gpt", "--disk", "xfs:raw")) {
            JsonNode run = snapshot(guest, List.of("vda", "vdb"));

            assertThat(run.get("freeze").get("filesystems").asInt()).isEqualTo(2);
            SnapshotData.isWhatTheGuestHadWritten(guest, run, "vda", "vdb");
        }
    }

    private JsonNode snapshot(LabGuest guest, List<String> disks) {
        Map<String, Path> before = guest.activeImages();
        JsonNode run = new Cli(directory)
                .json("snapshot", guest.name())
                .took("filesystem")
                .run();
        assertContract(guest, run);
        Map<String, Path> overlays = new TreeMap<>();
        run.get("volumes").valueStream().forEach(volume -> {
            String disk = volume.get("disk").asString();
            assertThat(volume.get("driver").asString()).isEqualTo("qcow2");
            assertThat(Path.of(volume.get("snapshot").asString())).isEqualTo(before.get(disk));
            overlays.put(disk, Path.of(volume.get("active").asString()));
        });
        assertThat(overlays.keySet()).containsExactlyElementsOf(disks);
        assertThat(guest.activeImages()).isEqualTo(overlays);
        assertThat(guest.definedImages()).isEqualTo(overlays);
        assertThat(guest.isFrozen()).isFalse();
        guest.awaitWriting();
        return run;
    }

    private static void assertContract(LabGuest guest, JsonNode run) {
        assertThat(run.propertyNames())
                .contains("run", "vm", "uuid", "state", "consistency", "evidence", "freeze", "volumes", "error");
        assertThat(run.get("run").asString()).isNotBlank();
        assertThat(run.get("vm").asString()).isEqualTo(guest.name());
        assertThat(run.get("uuid").asString()).isEqualTo(guest.uuid().toString());
        assertThat(run.get("freeze").get("windowMillis").asDouble()).isPositive();
        assertThat(run.get("evidence").size()).isPositive();
        run.get("evidence").valueStream().forEach(item -> {
            assertThat(item.propertyNames()).contains("check", "ok", "detail");
            assertThat(item.get("ok").asBoolean()).as("%s", item).isTrue();
        });
    }
}
