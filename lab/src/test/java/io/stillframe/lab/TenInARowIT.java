package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.lab.LabGuest.LabDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Ten snapshots in a row on a running guest: the sharpest question to a tool that stops machines. */
class TenInARowIT {
    private static final int ROUNDS = 10;

    @TempDir
    private Path directory;

    @Test
    void ten_snapshots_in_a_row_never_block_the_guest_and_its_chain_stays_whole() {
        try (LabGuest guest = LabGuest.up("it-ten-in-a-row")) {
            LabDisk disk = guest.disk("vda");
            List<Path> snapshots = take(guest);

            // each image is what the next overlay lies on, so it must still be what it was
            snapshots.forEach(snapshot -> SnapshotData.of(guest, disk, snapshot));
            assertChain(guest, disk, snapshots);

            guest.virsh("destroy");
            assertThat(guest.state()).isEqualTo("shut off");
            snapshots.forEach(snapshot -> assertSound(disk, snapshot, false));
            assertSound(disk, guest.activeImages().get("vda"), false);
            guest.start();
            assertChain(guest, disk, snapshots);
            long lastTaken = guest.records(disk, snapshots.get(ROUNDS - 1)).last();
            assertThat(guest.writerLog().starts("vda").get(1))
                    .as("where the writer goes on after the restart")
                    .isGreaterThan(lastTaken);
        }
    }

    private List<Path> take(LabGuest guest) {
        Cli cli = new Cli(directory);
        List<Path> snapshots = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            JsonNode run = cli.json("snapshot", guest.name()).took("filesystem").run();
            JsonNode volume = run.get("volumes").get(0);
            snapshots.add(Path.of(volume.get("snapshot").asString()));
            assertThat(guest.activeImages().get("vda"))
                    .isEqualTo(Path.of(volume.get("active").asString()));
            guest.awaitWriting();
        }
        assertThat(cli.json("snapshots", guest.name())
                        .exits(0)
                        .json()
                        .get("snapshots")
                        .size())
                .isEqualTo(ROUNDS);
        assertThat(snapshots).doesNotHaveDuplicates();
        return snapshots;
    }

    /** Every layer is there, in order, below the one that the guest writes to. */
    private static void assertChain(LabGuest guest, LabDisk disk, List<Path> snapshots) {
        Path active = guest.activeImages().get("vda");
        JsonNode layers = new JsonMapper()
                .readTree(Tool.out(
                        "qemu-img",
                        "info",
                        "-U",
                        "--backing-chain",
                        "--output=json",
                        "-f",
                        "qcow2",
                        active.toString()));
        List<Path> chain = layers.valueStream()
                .map(layer -> Path.of(layer.get("filename").asString()))
                .toList();
        List<Path> expected = new ArrayList<>();
        expected.add(active);
        for (int i = snapshots.size() - 1; i >= 0; i--) {
            expected.add(snapshots.get(i));
        }
        assertThat(chain).isEqualTo(expected);
        assertThat(guest.definedImages().get("vda")).isEqualTo(active);
        assertThat(snapshots).allMatch(Files::exists);
        snapshots.forEach(snapshot -> assertSound(disk, snapshot, true));
    }

    /** {@code qemu-img check}; an image that QEMU writes to is dirty by nature, so only its layers are checked then. */
    private static void assertSound(LabDisk disk, Path image, boolean shared) {
        List<String> argv = new ArrayList<>(List.of("qemu-img", "check", "-q"));
        if (shared) {
            argv.add("-U");
        }
        argv.addAll(List.of("-f", disk.formatOf(image), image.toString()));
        assertThat(Tool.run(argv)).as("qemu-img check %s", image).isEqualTo(new Tool(0, "", ""));
    }
}
