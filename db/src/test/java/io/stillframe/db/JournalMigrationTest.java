package io.stillframe.db;

import static io.stillframe.db.Sample.AT;
import static io.stillframe.db.Sample.FIRST;
import static io.stillframe.db.Sample.REFUSED;
import static io.stillframe.db.Sample.SECOND;
import static io.stillframe.db.Sample.THIRD;
import static io.stillframe.db.Sample.VM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.stillframe.db.JournalException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A journal of the first schema, opened by this program. */
class JournalMigrationTest {
    private static final UUID OTHER_VM = new UUID(0, 2);
    private static final RunId ALONE = new RunId("000000000009");
    private static final RunId NONE = new RunId("00000000000a");

    private static final String RECORDS =
            "CREATE TABLE schema_version (version INT PRIMARY KEY, applied_at TIMESTAMP(6))";
    private static final String RECORD = "INSERT INTO schema_version VALUES (1, LOCALTIMESTAMP)";
    private static final String RUN = """
            INSERT INTO run (id, vm, vm_name, state, version, started_at)
            VALUES ('%s', '%s', 'db01', '%s', 1, '2026-03-01 12:00:00.123456Z')
            """;
    private static final String TRANSITION =
            "INSERT INTO transition VALUES ('%s', 0, 'PLANNED', '2026-03-01 12:00:00.123456Z')";
    private static final String VOLUME =
            "INSERT INTO volume VALUES ('%s', 'vda', 0, 'qcow2', '/images/a', 'qcow2', '/images/b')";
    private static final String SNAPSHOT = "INSERT INTO snapshot VALUES ('%s', '2026-03-01 12:00:0%dZ', 'FILESYSTEM')";

    @TempDir
    private Path directory;

    /** The order of their ids is not that of their times. */
    @BeforeEach
    void write() throws SQLException, IOException {
        try (Connection connection = Database.create(new LocalDisk(), file());
                Statement sql = connection.createStatement()) {
            sql.execute(RECORDS);
            sql.execute(RECORD);
            sql.execute(firstSchema());
            run(sql, THIRD, VM, "COMPLETED", 1);
            run(sql, FIRST, VM, "COMPLETED", 2);
            run(sql, ALONE, OTHER_VM, "COMPLETED", 3);
            run(sql, SECOND, VM, "SNAPSHOTTED", 4);
            sql.execute(RUN.formatted(NONE.value(), new UUID(0, 3), "FAILED"));
        }
    }

    @Test
    void its_snapshots_are_each_other_s_parents_in_the_order_of_time() {
        for (int opening = 0; opening < 2; opening++) {
            try (Journal journal = Journal.open(directory)) {
                List<Snapshot> snapshots = journal.snapshots(Optional.empty());
                assertThat(snapshots).extracting(Snapshot::run).containsExactly(SECOND, ALONE, FIRST, THIRD);
                assertThat(snapshots)
                        .extracting(Snapshot::parent)
                        .containsExactly(Optional.of(FIRST), Optional.empty(), Optional.of(THIRD), Optional.empty());
                assertThat(snapshots).extracting(Snapshot::state).containsOnly(SnapshotState.PRESENT);
                assertThat(snapshots).extracting(Snapshot::policy).containsOnly(Optional.empty());
                assertThat(snapshots).extracting(Snapshot::openedAt).containsOnly(Optional.empty());
                assertThat(journal.head(VM)).contains(SECOND);
                assertThat(journal.head(OTHER_VM)).contains(ALONE);
                assertThat(journal.head(new UUID(0, 3))).isEmpty();
            }
        }
    }

    @Test
    void it_says_what_it_said_and_a_run_that_was_interrupted_is_ended_by_the_new_rules() {
        try (Journal journal = Journal.open(directory)) {
            assertThat(journal.runs(Optional.empty())).hasSize(5);
            assertThat(journal.transitions(FIRST)).containsExactly(new Transition(RunState.PLANNED, AT));
            assertThat(journal.volumes(FIRST))
                    .containsExactly(new RunVolume("vda", "qcow2", "/images/a", "qcow2", "/images/b", "NOTHING"));
            assertThat(journal.jobs(Optional.empty())).isEmpty();
            Run interrupted = journal.unfinished().get(0);
            journal.end(interrupted, RunState.FAILED, AT, REFUSED, List.of());
            assertThat(journal.head(VM)).contains(FIRST);
        }
    }

    @Test
    void it_is_not_touched_when_it_is_damaged() throws Exception {
        try (Connection connection = Database.open(new LocalDisk(), file());
                Statement sql = connection.createStatement()) {
            sql.execute("DROP TABLE snapshot");
        }
        byte[] before = Files.readAllBytes(file());
        assertThatExceptionOfType(JournalException.class)
                .isThrownBy(() -> Journal.open(directory))
                .satisfies(refusal -> assertThat(refusal.kind()).isEqualTo(Kind.UNREADABLE));
        assertThat(file()).hasBinaryContent(before);
    }

    private static void run(Statement sql, RunId id, UUID vm, String state, int second) throws SQLException {
        sql.execute(RUN.formatted(id.value(), vm, state));
        sql.execute(TRANSITION.formatted(id.value()));
        sql.execute(VOLUME.formatted(id.value()));
        sql.execute(SNAPSHOT.formatted(id.value(), second));
    }

    private static String firstSchema() throws IOException {
        try (InputStream sql = Migrations.class.getResourceAsStream("migration/V001__journal.sql")) {
            return new String(sql.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private Path file() {
        return directory.resolve("journal.mv.db");
    }
}
