package io.stillframe.orchestrator.proof.check;

import io.stillframe.orchestrator.proof.check.Soundness.Sound;
import io.stillframe.orchestrator.proof.check.Soundness.Undecided;
import io.stillframe.orchestrator.proof.check.Soundness.Unsound;
import io.stillframe.storage.exec.Commands.Exit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * {@code xfs_repair -n}. Its status is 1 for damage, and for every frozen filesystem as well: a freeze leaves the log
 * formally dirty, which it warns of, and the superblock's count of free blocks without those that the kernel holds back for
 * itself, which a mount counts anew. So what it prints decides: anything beyond its progress, that warning, and those counts
 * is damage.
 */
record XfsRepair() implements DeepCheck {
    private static final Pattern PROGRESS = Pattern.compile("Phase [1-7] - .*|\\s+- .*|No modify flag set, .*|"
            + "Cannot get host filesystem geometry\\.|Repair may fail if there is a sector size mismatch between|"
            + "the image and the host filesystem\\.|\\s*");
    private static final Pattern LOG_WARNING =
            Pattern.compile("ALERT: The filesystem has valuable metadata changes in a log which is being|"
                    + "ignored because the -n option was used\\.  Expect spurious inconsistencies|"
                    + "which may be resolved by first mounting the filesystem to replay the log\\.");
    private static final Pattern COUNTS = Pattern.compile("sb_(fdblocks|icount|ifree) \\d+, counted \\d+");
    private static final Pattern FAILURE = Pattern.compile("fatal error -- .*");

    @Override
    public List<String> argv(Path volume) {
        return Files.isRegularFile(volume)
                ? List.of("xfs_repair", "-n", "-f", volume.toString())
                : List.of("xfs_repair", "-n", volume.toString());
    }

    @Override
    public Soundness read(Exit exit) {
        List<String> other = new ArrayList<>();
        List<String> counts = new ArrayList<>();
        Stream.concat(exit.stdout().lines(), exit.stderr().lines())
                .filter(line -> !PROGRESS.matcher(line).matches()
                        && !LOG_WARNING.matcher(line).matches())
                .forEach(line -> (COUNTS.matcher(line).matches() ? counts : other).add(line));
        if (other.stream().anyMatch(line -> FAILURE.matcher(line).matches()) || exit.status() > 1) {
            return new Undecided(DeepCheck.excerpt(other.stream()));
        }
        boolean ended = exit.stdout().contains("No modify flag set, skipping filesystem flush")
                || exit.stderr().contains("No modify flag set, skipping filesystem flush");
        if (!other.isEmpty() || !ended) {
            return new Unsound(DeepCheck.excerpt(other.stream()));
        }
        return new Sound(
                counts.isEmpty() ? "nothing found" : "a mount will count anew: " + DeepCheck.excerpt(counts.stream()));
    }
}
