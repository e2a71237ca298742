package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.lab.LabGuest.LabDisk;
import io.stillframe.lab.LabGuest.Records;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What one does with a snapshot after it was taken, on a real machine that writes on, and its data after each step. */
class LifeIT {
    private static final int KILLS = 10;

    /** In MiB; at the rate that the tests set, seconds of merging. */
    private static final int TO_MERGE = 8;

    /** The exit status of {@code qemu-img check}; qemu-img(1). */
    private static final int LEAKS = 3;

    @TempDir
    private Path directory;

    private Cli cli;
    private LabGuest guest;

    @BeforeEach
    void start() {
        cli = new Cli(directory);
        guest = LabGuest.up("it-life", "--disk", "ext4", "--disk", "ext4:raw");
    }

    @AfterEach
    void end() {
        guest.close();
    }

    @Test
    void a_snapshot_is_listed_opened_and_closed_and_nobody_can_write_to_it() {
        JsonNode taken = snapshot();
        String id = idOf(taken);
        JsonNode listed = cli.json("snapshots", guest.name())
                .exits(0)
                .json()
                .get("snapshots")
                .get(0);
        assertThat(listed.get("id").asString()).isEqualTo(id);
        assertThat(listed.get("head").asBoolean()).isTrue();
        assertThat(listed.get("bytes").asLong()).isGreaterThan(1 << 20);

        JsonNode opened = cli.json("open", id).exits(0).json();
        for (LabDisk disk : guest.disks()) {
            Path view = pathOf(opened.get("views"), disk.target(), "path");
            assertThat(recordsRaw(disk, view)).isEqualTo(guest.records(disk, imageOf(taken, disk)));
            assertThat(canBeWritten(view)).as("%s can be written to", view).isFalse();
        }
        cli.json("delete", id).exits(3);
        cli.json("close", id).exits(0);
        cli.json("close", id).exits(0);
        assertThat(pathOf(opened.get("views"), "vda", "path")).doesNotExist();
        SnapshotData.isSound(cli, guest, id);
    }

    @Test
    void a_clone_holds_what_the_snapshot_does_and_is_a_machine_of_its_own() {
        JsonNode taken = snapshot();
        String name = guest.name() + " clone";
        JsonNode cloned =
                cli.json("clone", idOf(taken), "--name", name).exits(0).json();
        String uuid = cloned.get("uuid").asString();
        try {
            for (LabDisk disk : guest.disks()) {
                Path volume = pathOf(cloned.get("volumes"), disk.target(), "path");
                assertThat(recordsOf(disk, volume, formatOf(cloned, disk)))
                        .isEqualTo(guest.records(disk, imageOf(taken, disk)));
            }
            assertThat(virsh("domstate", uuid)).isEqualTo("shut off");
            assertThat(virsh("domname", uuid)).isEqualTo(name);
            assertThat(virsh("domblklist", uuid))
                    .contains(pathOf(cloned.get("volumes"), "vda", "path").toString())
                    .doesNotContain(guest.disk("vda").image().toString() + "\n");
            cli.json("clone", idOf(taken), "--name", name).exits(3);
        } finally {
            virsh("undefine", uuid);
        }
        guest.awaitWriting();
    }

    @Test
    void a_snapshot_in_the_middle_is_deleted_while_the_machine_writes_and_the_others_keep_their_moments() {
        JsonNode first = snapshot();
        JsonNode second = snapshot();
        JsonNode third = snapshot();
        Records moment = guest.records(guest.disk("vda"), imageOf(first, guest.disk("vda")));
        Records last = guest.records(guest.disk("vda"), imageOf(third, guest.disk("vda")));

        cli.json("delete", idOf(second)).exits(0);
        guest.awaitWriting();
        assertThat(listed()).containsExactly(idOf(third), idOf(first));
        assertThat(guest.records(guest.disk("vda"), listedImage(idOf(first)))).isEqualTo(moment);
        assertThat(guest.records(guest.disk("vda"), listedImage(idOf(third)))).isEqualTo(last);

        cli.json("delete", idOf(third), idOf(first)).exits(0);
        guest.awaitWriting();
        assertThat(listed()).isEmpty();
        assertThat(guest.imageFiles()).hasSize(2);
        assertThat(guest.definedImages()).isEqualTo(guest.activeImages());
        nothingIsMissing();
        assertThat(cli.json("reconcile").exits(0).json().get("findings")).isEmpty();
    }

    @Test
    void a_machine_goes_back_to_a_snapshot_and_forth_to_what_it_had() {
        JsonNode taken = snapshot();
        LabDisk disk = guest.disk("vda");
        long moment = guest.records(disk, imageOf(taken, disk)).last();
        cli.json("revert", idOf(taken), "--yes").exits(3).tells("VM_STATE");

        guest.virsh("destroy");
        long before = guest.records(disk, guest.activeImages().get("vda")).last();
        assertThat(before).isGreaterThan(moment);
        cli.json("revert", idOf(taken)).exits(3).tells("UNCONFIRMED");
        String safety = cli.json("revert", idOf(taken), "--yes")
                .exits(0)
                .json()
                .get("safety")
                .asString();
        guest.start();
        assertThat(goesOnFrom("vda")).as("where it goes on").isEqualTo(moment + 1);

        guest.virsh("destroy");
        cli.json("revert", safety, "--yes", "--no-safety").exits(0);
        guest.start();
        assertThat(goesOnFrom("vda")).as("where it goes on").isGreaterThan(before);
        nothingIsMissing();
    }

    @Test
    @Tag("long")
    void a_merge_killed_in_the_middle_is_taken_up_again_and_the_machine_loses_nothing() {
        long seed = Long.getLong("stillframe.seed", System.nanoTime());
        System.out.println("seed of the kills of merges: " + seed);
        Random random = new Random(seed);
        int underWay = 0;
        for (int i = 0; i < KILLS; i++) {
            JsonNode taken = snapshot();
            guest.shell(
                    "dd if=/dev/urandom of=/mnt/vda/more bs=1M count=%d conv=notrunc,fsync 2>&1".formatted(TO_MERGE));
            Tool.Running running = cli.startJson("delete", idOf(taken), "--rate", "1MiB/s");
            Await.until(
                    "the merge is under way",
                    () -> isMerging() || !running.process().isAlive());
            running.runsAfter(Duration.ofMillis(random.nextLong(2000)));
            running.process().destroyForcibly();
            running.end();
            if (isMerging()) {
                underWay++;
            }
            guest.awaitWriting();

            cli.json("reconcile").exits(0);
            assertThat(cli.json("reconcile").exits(0).json().get("findings")).isEmpty();
            if (!listed().isEmpty()) {
                // killed before it was journaled
                cli.json("delete", idOf(taken)).exits(0);
            }
            assertThat(listed()).isEmpty();
            assertThat(guest.imageFiles()).hasSize(2);
            assertThat(guest.definedImages()).isEqualTo(guest.activeImages());
        }
        nothingIsMissing();
        System.out.printf("kills: %d, of merges that were under way: %d%n", KILLS, underWay);
        assertThat(underWay).isGreaterThan(KILLS / 2);
    }

    private boolean isMerging() {
        return guest.disks().stream()
                .anyMatch(
                        disk -> guest.virsh("blockjob", disk.target(), "--raw").contains("Commit"));
    }

    private JsonNode snapshot() {
        JsonNode taken = cli.json("snapshot", guest.name()).took("filesystem").run();
        guest.awaitWriting();
        return taken;
    }

    /** Stops the machine as a power loss does, reads its disks, starts it again. */
    private void nothingIsMissing() {
        guest.virsh("destroy");
        for (LabDisk disk : guest.disks()) {
            Path image = guest.activeImages().get(disk.target());
            assertThat(guest.records(disk, image).missing()).as("%s", image).isZero();
            if (disk.format().equals("qcow2")) {
                // a power loss may leave clusters that nobody uses, and nothing worse
                assertThat(Tool.run("qemu-img", "check", image.toString()).exit())
                        .as("%s", image)
                        .isIn(0, LEAKS);
            }
        }
        guest.start();
    }

    private long goesOnFrom(String disk) {
        List<Long> starts = guest.writerLog().starts(disk);
        return starts.get(starts.size() - 1);
    }

    private List<String> listed() {
        return cli.snapshotsOf(guest);
    }

    private Path listedImage(String id) {
        return cli.json("snapshots", guest.name())
                .exits(0)
                .json()
                .get("snapshots")
                .valueStream()
                .filter(snapshot -> snapshot.get("id").asString().equals(id))
                .map(snapshot -> pathOf(snapshot.get("volumes"), "vda", "snapshot"))
                .findFirst()
                .orElseThrow();
    }

    private static String idOf(JsonNode taken) {
        return "sf-" + taken.get("run").asString();
    }

    private static Path imageOf(JsonNode taken, LabDisk disk) {
        return pathOf(taken.get("volumes"), disk.target(), "snapshot");
    }

    private static Path pathOf(JsonNode volumes, String disk, String field) {
        return volumes.valueStream()
                .filter(volume -> volume.get("disk").asString().equals(disk))
                .map(volume -> Path.of(volume.get(field).asString()))
                .findFirst()
                .orElseThrow();
    }

    private static String formatOf(JsonNode cloned, LabDisk disk) {
        return cloned.get("volumes")
                .valueStream()
                .filter(volume -> volume.get("disk").asString().equals(disk.target()))
                .map(volume -> volume.get("format").asString())
                .findFirst()
                .orElseThrow();
    }

    private Records recordsRaw(LabDisk disk, Path view) {
        return recordsOf(disk, view, "raw");
    }

    /** The lab tells an image's format by its name, so it is given a disk of that format. */
    private Records recordsOf(LabDisk disk, Path image, String format) {
        return guest.records(new LabDisk(disk.target(), image, format, disk.filesystem()), image);
    }

    private static boolean canBeWritten(Path view) {
        try {
            Files.write(view, new byte[] {1}, StandardOpenOption.WRITE);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static String virsh(String command, String uuid) {
        return Tool.out("virsh", "-q", "-c", "qemu:///system", command, uuid).strip();
    }
}
