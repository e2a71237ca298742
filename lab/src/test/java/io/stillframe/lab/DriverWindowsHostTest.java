package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.lab.LabGuest.LabDisk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * What each driver does while the guest is frozen, in figures: a guest with a disk on each storage, of which one snapshot
 * after the other is taken, all other disks left out; then all of them together.
 */
class DriverWindowsHostTest {
    private static final List<String> DISKS = List.of(
            "ext4", "ext4:lvm", "ext4:thin:mapper", "ext4:zvol:cache=none", "ext4:zvol:cache=writeback", "ext4:zfile");
    private static final int RUNS = Integer.getInteger("stillframe.windows", 5);

    @TempDir
    private Path directory;

    @Test
    void every_driver_takes_its_snapshot_within_the_window_and_tells_how_long_it_took() {
        Cli cli = new Cli(directory);
        cli.configure("freeze-limit: 120s\nthaw-limit: 600s\n");
        try (LabGuest guest = LabGuest.up(
                "host-windows",
                DISKS.stream().flatMap(disk -> Stream.of("--disk", disk)).toArray(String[]::new))) {
            guest.awaitWriting();
            List<LabDisk> disks = guest.disks();
            for (int i = 0; i < DISKS.size(); i++) {
                String only = disks.get(i).target();
                WindowFigures.print(
                        DISKS.get(i),
                        taken(
                                cli,
                                guest,
                                disks.stream()
                                        .map(LabDisk::target)
                                        .filter(target -> !target.equals(only))
                                        .toList()));
            }
            WindowFigures.print("all of them", taken(cli, guest, List.of()));
            guest.awaitWriting();
        }
    }

    private static List<WindowFigures> taken(Cli cli, LabGuest guest, List<String> excluded) {
        List<String> arguments = new ArrayList<>(List.of(guest.name()));
        excluded.forEach(disk -> arguments.addAll(List.of("--exclude", disk)));
        List<WindowFigures> figures = new ArrayList<>();
        for (int i = 0; i < RUNS; i++) {
            JsonNode taken = cli.json("snapshot", arguments.toArray(String[]::new))
                    .exits(0)
                    .run();
            String run = taken.get("run").asString();
            figures.add(WindowFigures.of(cli, run));
            assertThat(taken.get("volumes")).hasSize(guest.disks().size() - excluded.size());
            // thick snapshots take room of their own, and each one more slows its origin down
            cli.json("delete", "sf-" + run, "--yes").exits(0);
        }
        return figures;
    }
}
