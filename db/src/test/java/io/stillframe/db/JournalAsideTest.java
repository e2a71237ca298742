package io.stillframe.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.stillframe.db.JournalException.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalAsideTest {
    private static final Instant AT = Instant.parse("2026-03-01T23:59:58.999Z");
    private static final String ASIDE = "journal.mv.db.unreadable-20260301T235958Z";

    @TempDir
    private Path directory;

    @Test
    void what_is_set_aside_is_as_it_was_and_makes_room_for_a_new_journal() throws Exception {
        Files.writeString(file(), "garbage");
        Path aside = Journal.setAside(directory, AT);
        assertThat(aside).isEqualTo(directory.resolve(ASIDE)).hasContent("garbage");
        assertThat(file()).doesNotExist();
        try (Journal journal = Journal.open(directory)) {
            assertThat(journal.unfinished()).isEmpty();
        }
        assertThat(aside).hasContent("garbage");
    }

    @Test
    void nothing_is_overwritten_by_what_is_set_aside_in_the_same_second() throws Exception {
        for (String garbage : new String[] {"first", "second", "third"}) {
            Files.writeString(file(), garbage);
            Journal.setAside(directory, AT);
        }
        assertThat(directory.resolve(ASIDE)).hasContent("first");
        assertThat(directory.resolve(ASIDE + "-2")).hasContent("second");
        assertThat(directory.resolve(ASIDE + "-3")).hasContent("third");
    }

    @Test
    void a_name_that_points_nowhere_is_taken_too() throws Exception {
        Files.writeString(file(), "garbage");
        Files.createSymbolicLink(directory.resolve(ASIDE), Path.of("nowhere"));
        assertThat(Journal.setAside(directory, AT)).isEqualTo(directory.resolve(ASIDE + "-2"));
        assertThat(directory.resolve(ASIDE)).isSymbolicLink();
    }

    @Test
    void an_open_journal_is_not_set_aside() {
        try (Journal journal = Journal.open(directory)) {
            assertRefused(Kind.HELD);
            journal.plan(JournalChild.RUN, new UUID(0, 1), "db01", JournalChild.AT);
        }
        try (Journal journal = Journal.open(directory)) {
            assertThat(journal.unfinished()).hasSize(1);
        }
    }

    @Test
    void where_there_is_no_journal_there_is_none_to_set_aside() {
        assertRefused(Kind.IO);
        assertThat(directory.resolve(ASIDE)).doesNotExist();
    }

    private void assertRefused(Kind kind) {
        assertThatExceptionOfType(JournalException.class)
                .isThrownBy(() -> Journal.setAside(directory, AT))
                .satisfies(refusal -> assertThat(refusal.kind()).isEqualTo(kind));
    }

    private Path file() {
        return directory.resolve("journal.mv.db");
    }
}
