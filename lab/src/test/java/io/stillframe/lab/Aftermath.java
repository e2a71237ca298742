package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/**
 * What must hold of a machine, its images and the journal once a crash was put right.
 *
 * @param before the {@link LabGuest#storage} that the journal need not account for: it was there before its first run
 */
record Aftermath(Cli cli, LabGuest guest, Set<Path> before) {
    /** Of a machine whose runs are all in the journal. */
    Aftermath(Cli cli, LabGuest guest) {
        this(cli, guest, guest.disks().stream().map(LabGuest.LabDisk::image).collect(Collectors.toSet()));
    }

    /** Puts it right, and sees that a second time finds nothing to do. */
    void isPutRight() {
        cli.json("reconcile").exits(0);
        isRight();
        JsonNode again = cli.json("reconcile").exits(0).json();
        assertThat(again.get("findings")).isEmpty();
    }

    /** The guest is free and writes, nothing is left over, the journal and the images agree. */
    void isRight() {
        assertThat(guest.isFrozen()).isFalse();
        assertThat(guest.state()).isEqualTo("running");
        assertThat(guest.definedImages()).isEqualTo(guest.activeImages());
        assertThat(unfinished()).isEmpty();
        Set<Path> accounted = new HashSet<>(before);
        cli.json("snapshots", guest.name())
                .exits(0)
                .json()
                .get("snapshots")
                .forEach(
                        snapshot -> snapshot.get("volumes").forEach(volume -> accounted.add(Path.of(madeFor(volume)))));
        assertThat(guest.storage()).containsExactlyInAnyOrderElementsOf(accounted);
        guest.disks().stream().map(LabGuest.LabDisk::image).forEach(accounted::add);
        assertThat(accounted).containsAll(guest.activeImages().values());
        guest.activeImages().values().forEach(Aftermath::isReadableToItsBase);
        assertThat(leases()).isEmpty();
        Await.until("no sentinel is left", () -> sentinels().isEmpty());
    }

    /** What a run made of a volume: the overlay that the machine goes on in, or the snapshot, which is of a whole dataset. */
    private static String madeFor(JsonNode volume) {
        return volume.get("driver").asString().equals("qcow2")
                ? volume.get("active").asString()
                : volume.get("snapshot").asString().replaceFirst("(@[^:]*):.*", "$1");
    }

    /** The runs that are in no final state. */
    List<String> unfinished() {
        return StreamSupport.stream(
                        cli.json("runs", guest.name())
                                .exits(0)
                                .json()
                                .get("runs")
                                .spliterator(),
                        false)
                .map(run -> run.get("state").asString())
                .filter(state -> !Set.of("COMPLETED", "FAILED", "ABANDONED").contains(state))
                .toList();
    }

    /** The sentinels that guard for this state directory. */
    List<ProcessHandle> sentinels() {
        return CommandLine.fits(line -> line.endsWith(cli.stateDir() + "\0sentinel\0"));
    }

    /** The leases that are still open. */
    List<Path> leases() {
        Path leases = cli.stateDir().resolve("leases");
        if (Files.notExists(leases)) {
            return List.of();
        }
        try (var files = Files.list(leases)) {
            return files.filter(file -> file.toString().endsWith(".lease")).toList();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void isReadableToItsBase(Path image) {
        Tool.out("qemu-img", "info", "-U", "--backing-chain", image.toString());
    }
}
