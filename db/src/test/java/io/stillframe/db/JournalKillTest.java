package io.stillframe.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JournalKillTest {
    /** H2 reuses what it has freed after 45 s, unless it is told not to: then a kill loses what was acknowledged. */
    private static final Duration AGE = Duration.ofSeconds(75);

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 1000})
    void what_was_acknowledged_survives_kill_9(int acknowledgements, @TempDir Path directory) throws Exception {
        List<Long> acknowledged = new ArrayList<>();
        try (JournalChild child = JournalChild.start(directory)) {
            acknowledged.addAll(child.acknowledged(acknowledgements));
            acknowledged.addAll(child.kill());
        }
        long last = acknowledged.get(acknowledged.size() - 1);
        assertThat(acknowledged).hasSize(Math.toIntExact(last) + 1);
        // one more may have been written whose acknowledgement was not
        assertThat(versionIn(directory)).isBetween(last, last + 1);
    }

    /** What goes together: the job's state, the record, the names in the volumes, the head. */
    @ParameterizedTest
    @ValueSource(ints = {1, 5, 60})
    void a_removal_that_kill_9_met_is_done_altogether_or_not_at_all(int acknowledgements, @TempDir Path directory)
            throws Exception {
        List<Long> acknowledged = new ArrayList<>();
        try (JournalChild child = JournalChild.startRemovals(directory)) {
            acknowledged.addAll(child.acknowledged(acknowledgements));
            acknowledged.addAll(child.kill());
        }
        try (Journal journal = Journal.open(directory)) {
            List<Job> jobs = journal.jobs(Optional.empty());
            assertThat(jobs.size()).isBetween(acknowledged.size(), acknowledged.size() + 1);
            for (Job job : jobs) {
                assertWhole(journal, job);
            }
            assertThat(journal.unfinishedJobs().size()).isLessThanOrEqualTo(jobs.size() - acknowledged.size());
        }
    }

    private static void assertWhole(Journal journal, Job job) {
        List<Snapshot> snapshots = journal.snapshots(Optional.empty()).stream()
                .filter(of -> of.run().equals(job.snapshot()))
                .toList();
        String layer = job.changes().get(0).from();
        List<RunVolume> volumes = journal.volumes(job.snapshot());
        if (job.state() == JobState.DONE) {
            assertThat(snapshots).isEmpty();
            assertThat(volumes).extracting(RunVolume::snapshot).containsExactly(JournalChild.name(0));
            assertThat(volumes).extracting(RunVolume::format).containsExactly("raw");
            assertThat(journal.head(job.vm())).isNotEqualTo(Optional.of(job.snapshot()));
        } else {
            assertThat(snapshots).extracting(Snapshot::state).containsExactly(SnapshotState.REMOVING);
            assertThat(volumes).extracting(RunVolume::snapshot).containsExactly(layer);
            assertThat(journal.head(job.vm())).contains(job.snapshot());
        }
    }

    @Test
    void a_disk_that_is_full_is_no_damage_and_what_was_acknowledged_is_there(@TempDir Path directory) throws Exception {
        List<String> said;
        try (JournalChild child = JournalChild.startShortOfSpace(directory, 1 << 20)) {
            said = child.end();
        }
        int last = said.size() - 2;
        assertThat(said.get(last + 1)).isEqualTo("IO");
        assertThat(said.get(last)).isEqualTo(Integer.toString(last));
        assertThat(versionIn(directory)).isBetween((long) last, last + 1L);
    }

    /** While the process waits, the file is what a kill would leave: thus it is killed at many ages at once. */
    @Test
    @Tag("long")
    void what_was_acknowledged_survives_kill_9_however_old_the_process(@TempDir Path directory, @TempDir Path copy)
            throws Exception {
        List<String> lost = new ArrayList<>();
        long last = 0;
        long start = System.nanoTime();
        try (JournalChild child = JournalChild.startInRounds(directory)) {
            child.acknowledged(1);
            while (System.nanoTime() - start < AGE.toNanos()) {
                last = child.acknowledged(JournalChild.ROUND).get(JournalChild.ROUND - 1);
                Files.copy(
                        directory.resolve("journal.mv.db"),
                        copy.resolve("journal.mv.db"),
                        StandardCopyOption.REPLACE_EXISTING);
                long found = versionIn(copy);
                if (found != last) {
                    lost.add("%d of %d".formatted(last - found, last));
                }
                child.goOn();
            }
            last = child.acknowledged(JournalChild.ROUND).get(JournalChild.ROUND - 1);
            child.kill();
        }
        assertThat(lost).isEmpty();
        assertThat(versionIn(directory)).isEqualTo(last);
    }

    /** The run's version, once all the transitions up to it are known to be there. */
    private static long versionIn(Path directory) {
        try (Journal journal = Journal.open(directory)) {
            Run run = journal.runsLike(JournalChild.RUN.value()).get(0);
            List<Transition> transitions = journal.transitions(JournalChild.RUN);
            assertThat(transitions).hasSize(Math.toIntExact(run.version()) + 1);
            return run.version();
        }
    }
}
