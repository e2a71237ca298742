package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.lab.LabGuest.LabDisk;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A machine whose disks lie on different storages, in one snapshot of one instant, and its way back to it. */
class MixedMachineHostTest {
    @TempDir
    private Path directory;

    @Test
    void an_image_a_thin_volume_and_a_zvol_are_taken_at_one_instant_and_the_machine_goes_back_to_it() {
        goesBackToASnapshotOf("ext4", "ext4:thin:cache=none", "ext4:zvol:cache=none");
    }

    @Test
    void a_thick_volume_and_a_file_on_a_dataset_are_taken_at_one_instant_and_the_machine_goes_back_to_it() {
        goesBackToASnapshotOf("ext4:lvm", "ext4:zfile");
    }

    private void goesBackToASnapshotOf(String... disks) {
        Cli cli = new Cli(directory);
        // everything takes seconds in here that takes milliseconds elsewhere
        cli.configure("freeze-limit: 120s\nthaw-limit: 600s\n");
        List<String> options = List.of(disks).stream()
                .flatMap(disk -> List.of("--disk", disk).stream())
                .toList();
        try (LabGuest guest = LabGuest.up("host-mixed", options.toArray(String[]::new))) {
            Set<Path> before = guest.storage();
            guest.awaitWriting();
            JsonNode taken =
                    cli.json("snapshot", guest.name()).took("filesystem").run();
            String id = "sf-" + taken.get("run").asString();
            WindowFigures.print(
                    String.join(", ", disks),
                    List.of(WindowFigures.of(cli, taken.get("run").asString())));
            Map<String, Long> moment = SnapshotData.asOpened(cli, guest, id);
            cli.json("verify", id).exits(0);
            SnapshotData.isSound(cli, guest, id);

            guest.awaitWriting();
            guest.virsh("destroy");
            cli.json("revert", id, "--yes", "--no-safety").exits(0);
            guest.start();
            for (LabDisk disk : guest.disks()) {
                List<Long> starts = guest.writerLog().starts(disk.target());
                assertThat(starts.get(starts.size() - 1))
                        .as("where %s goes on", disk.target())
                        .isEqualTo(moment.get(disk.target()) + 1);
            }
            assertThat(SnapshotData.asOpened(cli, guest, id)).isEqualTo(moment);

            cli.json("delete", id, "--yes").exits(0);
            assertThat(cli.json("reconcile").exits(0).json().get("findings")).isEmpty();
            assertThat(guest.storage()).isEqualTo(before);
            guest.awaitWriting();
        }
    }
}
