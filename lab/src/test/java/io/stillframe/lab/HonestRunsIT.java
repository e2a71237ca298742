package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * How often the proof is wrong, and what it costs: many runs of a guest with an ext4 and an XFS that are written to all the
 * time, in which the freeze held, and then some in which a process of the guest ended it. A daemon executes them, so that
 * each costs little more than its window.
 */
@Tag("long")
class HonestRunsIT {
    private static final int HONEST = Integer.getInteger("stillframe.honest.runs", 200);
    private static final int CHEATED = Integer.getInteger("stillframe.cheated.runs", 40);
    private static final int KEPT = 10;
    private static final Pattern COST = Pattern.compile("(vd[a-z]): (\\d+) bytes in (\\d+) reads, (\\d+) ms.*");

    @TempDir
    private Path directory;

    private final List<String> falseNegatives = new ArrayList<>();
    private final List<String> falsePositives = new ArrayList<>();
    private int cheated;
    private int disks;
    private long bytes;
    private long millis;
    private long slowest;

    @Test
    void no_honest_run_ends_as_crash_and_none_that_was_cheated_as_more() {
        Cli cli = new Cli(directory);
        try (LabGuest guest = LabGuest.up("it-honest-runs", "--disk", "ext4", "--disk", "xfs")) {
            Tool.Running daemon = cli.startJson("daemon");
            try {
                Await.until(
                        "the daemon listens",
                        () -> cli.stateDir().resolve("api.sock").toFile().exists());
                runs(cli, guest);
            } finally {
                daemon.process().destroy();
                daemon.end();
            }
        }
        System.out.printf(
                Locale.ROOT,
                "honest runs: %d, of them called crash (false negatives): %d; cheated runs: %d, of them called more (false "
                        + "positives): %d; a proof read %d bytes of a disk in %.1f ms, the slowest took %d ms%n",
                HONEST,
                falseNegatives.size(),
                cheated,
                falsePositives.size(),
                bytes / Math.max(1, disks),
                (double) millis / Math.max(1, disks),
                slowest);
        assertThat(falseNegatives).as("honest runs that ended as crash").isEmpty();
        assertThat(falsePositives).as("cheated runs that ended as more").isEmpty();
        assertThat(cheated).as("runs that were cheated").isPositive();
    }

    private void runs(Cli cli, LabGuest guest) {
        List<String> taken = new ArrayList<>();
        for (int i = 0; i < HONEST; i++) {
            JsonNode run = snapshot(cli, guest, taken);
            if (!run.get("consistency").asString().equals("filesystem")) {
                falseNegatives.add(run.toString());
            }
            run.get("evidence").valueStream().forEach(this::cost);
        }
        for (int i = 0; i < CHEATED; i++) {
            Cheat cheat = Cheat.on(guest, i % 2 == 0 ? "vda" : "vdb");
            JsonNode run = snapshot(cli, guest, taken);
            if (cheat.end()) {
                cheated++;
                if (!run.get("consistency").asString().equals("crash")) {
                    falsePositives.add(run.toString());
                }
            }
        }
        guest.awaitWriting();
    }

    /** Whatever it is, it is kept for a while. */
    private static JsonNode snapshot(Cli cli, LabGuest guest, List<String> taken) {
        JsonNode run = cli.json("snapshot", guest.name(), "--on-doubt", "keep")
                .exits(0)
                .run();
        taken.add("sf-" + run.get("run").asString());
        if (taken.size() >= 2 * KEPT) {
            List<String> old = taken.subList(0, KEPT);
            cli.json("delete", old.toArray(String[]::new)).exits(0);
            old.clear();
        }
        return run;
    }

    private void cost(JsonNode item) {
        Matcher cost = COST.matcher(item.get("detail").asString());
        if (item.get("check").asString().equals("disk") && cost.matches()) {
            disks++;
            bytes += Long.parseLong(cost.group(2));
            millis += Long.parseLong(cost.group(4));
            slowest = Math.max(slowest, Long.parseLong(cost.group(4)));
        }
    }
}
