package io.stillframe.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalCompactionTest {
    private static final String ODD = "it's \"odd\"; -- \\ /* % _ ?1 \n\t ä \ud83d\ude00 ${x} \u0001";
    private static final RunId OTHER = new RunId("000000000002");
    private static final long ALWAYS = 0;

    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void grow() {
        file = directory.resolve("journal.mv.db");
        try (Journal journal = Journal.open(directory)) {
            Run run = journal.plan(JournalChild.RUN, new UUID(0, 1), ODD, JournalChild.AT);
            journal.intend(
                    run.id(),
                    new Intent(
                            Consistency.CRASH,
                            OptionalInt.of(2),
                            Duration.ofSeconds(5),
                            List.of(new Evidence("check", true, ODD)),
                            List.of(new RunVolume("vda", "lvm", ODD, "raw", ODD, "PAUSE")),
                            List.of(new Filesystem(ODD, ODD, "ext4", List.of(ODD, "vdb")))));
            for (int i = 0; i < 200; i++) {
                run = journal.advance(run, RunState.PREPARED, JournalChild.AT);
            }
            run = journal.froze(run, 2, JournalChild.AT);
            run = journal.advance(run, RunState.SNAPSHOTTED, JournalChild.AT);
            RunResult result = new RunResult(
                    Optional.of(Consistency.FILESYSTEM),
                    Optional.of(new Freeze(2, Duration.ofMillis(87))),
                    Optional.of(new RunError("CODE", ODD, "")));
            journal.end(run, RunState.QUARANTINED, JournalChild.AT, result, List.of(new Evidence("check", false, ODD)));
            journal.opened(JournalChild.RUN, JournalChild.AT);
            Job job = journal.begin(new Job(
                    new RunId("0000000000j1"),
                    JobKind.REMOVE,
                    JournalChild.RUN,
                    new UUID(0, 1),
                    ODD,
                    Optional.of(ODD),
                    JobState.BEGUN,
                    0,
                    JournalChild.AT,
                    Optional.empty(),
                    List.of(new JobChange("vda", "lvm", ODD, ODD, ODD)),
                    Optional.empty()));
            journal.finish(job, JobState.QUARANTINED, JournalChild.AT, Optional.of(new RunError("CODE", ODD, "")));
            Run lost = journal.plan(new RunId("000000000003"), new UUID(0, 1), ODD, JournalChild.AT);
            journal.advance(lost, RunState.SNAPSHOTTED, JournalChild.AT);
            journal.lost(lost.id());
            journal.plan(OTHER, new UUID(0, 2), "", JournalChild.AT);
        }
    }

    @Test
    void a_large_file_of_garbage_is_compacted_when_it_is_opened_and_says_the_same() throws IOException {
        List<Object> before = contents(Long.MAX_VALUE);
        long large = Files.size(file);
        assertThat(contents(ALWAYS)).isEqualTo(before);
        assertThat(Files.size(file)).isLessThan(large / 4);
        assertThat(contents(Long.MAX_VALUE)).isEqualTo(before);
    }

    @Test
    void a_compacted_journal_is_written_to_as_before() {
        try (Journal journal = H2Journal.open(directory, ALWAYS)) {
            Run run = journal.runsLike(OTHER.value()).get(0);
            journal.advance(run, RunState.ABANDONED, JournalChild.AT);
        }
        try (Journal journal = Journal.open(directory)) {
            List<Transition> transitions = journal.transitions(OTHER);
            assertThat(transitions).hasSize(2);
        }
    }

    @Test
    void a_small_file_is_left_where_it_is() throws IOException {
        Object before = identity();
        contents(Files.size(file));
        assertThat(identity()).isEqualTo(before);
    }

    @Test
    void a_file_without_garbage_is_left_where_it_is_however_large() throws IOException {
        Object before = identity();
        contents(ALWAYS);
        Object compacted = identity();
        contents(ALWAYS);
        assertThat(compacted).isNotEqualTo(before);
        assertThat(identity()).isEqualTo(compacted);
    }

    @Test
    void what_an_interrupted_compaction_left_is_overwritten() throws IOException {
        List<Object> before = contents(Long.MAX_VALUE);
        Path draft = directory.resolve("journal.new.mv.db");
        Files.copy(file, draft);
        assertThat(contents(ALWAYS)).isEqualTo(before);
        assertThat(draft).doesNotExist();
    }

    @Test
    void a_journal_that_cannot_be_compacted_is_opened_as_it_is() throws IOException {
        List<Object> before = contents(Long.MAX_VALUE);
        Object identity = identity();
        Files.createDirectories(directory.resolve("journal.new.mv.db/in the way"));
        assertThat(contents(ALWAYS)).isEqualTo(before);
        assertThat(identity()).isEqualTo(identity);
    }

    /** H2 alone would say nothing: it is refused the space when it closes the file. */
    @Test
    void a_compaction_for_which_there_is_no_space_leaves_the_journal_as_it_was() throws IOException {
        byte[] before = Files.readAllBytes(file);
        try (JournalChild child = JournalChild.startShortOfSpace(directory, 32 * 1024)) {
            assertThat(child.end()).containsExactly("IO");
        }
        assertThat(file).hasBinaryContent(before);
        assertThat(directory.resolve("journal.new.mv.db")).doesNotExist();
    }

    /** Everything that a journal opened so tells. */
    private List<Object> contents(long compactAbove) {
        try (Journal journal = H2Journal.open(directory, compactAbove)) {
            List<Object> all = new ArrayList<>(journal.runs(Optional.empty()));
            all.addAll(journal.snapshots(Optional.empty()));
            all.addAll(journal.jobs(Optional.empty()));
            all.add(journal.head(new UUID(0, 1)));
            all.add(journal.intent(JournalChild.RUN));
            all.addAll(journal.transitions(JournalChild.RUN));
            all.addAll(journal.evidence(JournalChild.RUN));
            all.addAll(journal.transitions(OTHER));
            return all;
        }
    }

    private Object identity() throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }
}
