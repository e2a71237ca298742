package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * How long a run was in the states of its window, by its journal. Figures to be read, not to be tested: they are the
 * machine's that the tests run on.
 *
 * @param drivers those that the run's volumes lie on
 * @param quiesced from the agent's word that it froze until the storage holds what QEMU has written, QEMU paused for it
 *     where that is needed
 * @param snapshotted from then until every volume has its snapshot
 * @param whole from the request to freeze until the release was confirmed
 */
record WindowFigures(String drivers, Duration quiesced, Duration snapshotted, Duration whole) {
    /** Of a run that {@code show} knows. */
    static WindowFigures of(Cli cli, String run) {
        JsonNode shown = cli.json("show", run).exits(0).json();
        Map<String, Instant> at = shown.get("transitions")
                .valueStream()
                .collect(Collectors.toMap(
                        transition -> transition.get("state").asString(),
                        transition -> Instant.parse(transition.get("at").asString()),
                        (first, later) -> first));
        assertThat(at).containsKeys("FREEZING", "FROZEN", "QUIESCED", "SNAPSHOTTED", "RELEASED");
        return new WindowFigures(
                shown.get("run")
                        .get("volumes")
                        .valueStream()
                        .map(volume -> volume.get("driver").asString())
                        .distinct()
                        .sorted()
                        .collect(Collectors.joining("+")),
                Duration.between(at.get("FROZEN"), at.get("QUIESCED")),
                Duration.between(at.get("QUIESCED"), at.get("SNAPSHOTTED")),
                Duration.between(at.get("FREEZING"), at.get("RELEASED")));
    }

    /**
     * Prints the median of several runs of one kind, and the longest: a row of the table in {@code docs/drivers.md}.
     *
     * @param disks what they were of
     */
    static void print(String disks, List<WindowFigures> runs) {
        System.out.printf(
                Locale.ROOT,
                "figure: %s (%s), %d runs, median/longest ms: quiesce %s, snapshot %s, window %s%n",
                runs.get(0).drivers(),
                disks,
                runs.size(),
                spread(runs.stream().map(WindowFigures::quiesced).toList()),
                spread(runs.stream().map(WindowFigures::snapshotted).toList()),
                spread(runs.stream().map(WindowFigures::whole).toList()));
    }

    private static String spread(List<Duration> times) {
        List<Duration> sorted = times.stream().sorted(Comparator.naturalOrder()).toList();
        return "%d/%d"
                .formatted(
                        sorted.get(sorted.size() / 2).toMillis(),
                        sorted.get(sorted.size() - 1).toMillis());
    }
}
