package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.lab.LabGuest.LabDisk;
import io.stillframe.lab.LabGuest.Records;
import io.stillframe.lab.WriterLog.Stall;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** What a snapshot must hold: every record that the guest had written at the freeze, and none after it. */
final class SnapshotData {
    private SnapshotData() {}

    /** Checks the volumes of a run: these disks, which are those that a writer writes to. */
    static void isWhatTheGuestHadWritten(LabGuest guest, JsonNode run, String... disks) {
        for (String disk : disks) {
            of(guest, guest.disk(disk), snapshotOf(run, disk));
        }
    }

    /**
     * Checks all volumes of a snapshot through what {@code open} gives, whatever they lie on.
     *
     * @param id the snapshot's
     * @return the last record on each disk: all before it are there, and the freeze was right after it
     */
    static Map<String, Long> asOpened(Cli cli, LabGuest guest, String id) {
        Map<String, Long> moment = new TreeMap<>();
        for (JsonNode view : cli.json("open", id).exits(0).json().get("views")) {
            LabDisk disk = guest.disk(view.get("disk").asString());
            Path path = Path.of(view.get("path").asString());
            moment.put(
                    disk.target(),
                    of(guest, new LabDisk(disk.target(), path, "raw", disk.filesystem()), path)
                            .lastSeq());
        }
        cli.json("close", id).exits(0);
        return moment;
    }

    /** Has the filesystems' own checkers look at every volume of a snapshot, which changes nothing. */
    static void isSound(Cli cli, LabGuest guest, String id) {
        JsonNode verified = cli.json("verify", id, "--deep").exits(0).json();
        for (LabDisk disk : guest.disks()) {
            assertThat(verified.get("evidence").valueStream())
                    .as("what a checker says of %s in %s", disk.target(), verified)
                    .anyMatch(each -> each.get("check").asString().equals("deep")
                            && each.get("detail")
                                    .asString()
                                    .matches("%s on %s, .*: sound; .*".formatted(disk.filesystem(), disk.target())));
        }
    }

    private static Path snapshotOf(JsonNode run, String disk) {
        return run.get("volumes")
                .valueStream()
                .filter(volume -> volume.get("disk").asString().equals(disk))
                .map(volume -> Path.of(volume.get("snapshot").asString()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no volume %s in %s".formatted(disk, run)));
    }

    /**
     * Checks one volume and returns the stall that the freeze was for its writer. An emulated guest knows other stalls
     * too, so the freeze's own is found by its number: the last record in the image is the last one before the stall.
     */
    static Stall of(LabGuest guest, LabDisk disk, Path image) {
        Records records = guest.records(disk, image);
        assertThat(records.missing()).as("records missing in %s", image).isZero();
        return Await.value(
                "a stall of %s after record %d, the last in %s".formatted(disk.target(), records.last(), image),
                () -> stallAfter(guest, disk, records.last()));
    }

    private static Optional<Stall> stallAfter(LabGuest guest, LabDisk disk, long seq) {
        return guest.writerLog().stalls(guest.writerOf(disk)).stream()
                .filter(stall -> stall.lastSeq() == seq)
                .findFirst();
    }
}
