package io.stillframe.db;

import static io.stillframe.db.JournalChild.id;
import static io.stillframe.db.Sample.AT;
import static io.stillframe.db.Sample.EVIDENCE;
import static io.stillframe.db.Sample.PROVED;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What is asked for and changed at every run costs the same however many runs there are. */
class JournalIndexTest extends OpenedJournal {
    private static final int MACHINES = 40;
    private static final int RUNS = 5;
    /** As H2 says of an index that it asks no condition of, or of no index, but for a list of the first so many. */
    private static final Pattern ALL_OF_IT =
            Pattern.compile("/\\* PUBLIC\\.\\w+(\\.tableScan)?\\s*\\*/(?!.*FETCH FIRST)", Pattern.DOTALL);

    @Test
    void no_statement_reads_a_whole_table() throws SQLException {
        for (int number = 0; number < MACHINES * RUNS; number++) {
            live(number);
        }
        try (Connection database = Database.open(new LocalDisk(), directory.resolve("journal" + Database.SUFFIX));
                Statement statement = database.createStatement()) {
            statement.execute("ANALYZE");
            statement.execute("SET QUERY_STATISTICS_MAX_ENTRIES 1000");
            statement.execute("SET QUERY_STATISTICS TRUE");
            live(MACHINES * RUNS);
            lookAt(MACHINES * RUNS);
            List<String> executed = executed(statement);
            assertThat(executed).hasSizeGreaterThan(40);
            for (String sql : executed) {
                assertThat(plan(database, sql)).as(sql).doesNotContainPattern(ALL_OF_IT);
            }
        }
    }

    /** A run with a snapshot, the next to last of which is removed, and an old one that is pruned. */
    private void live(int number) {
        UUID vm = vm(number);
        Instant at = AT.plusSeconds(number);
        RunId id = id("r", number);
        Run run = journal.plan(id, vm, "vm" + number % MACHINES, at);
        journal.intend(
                id, Sample.intent(new RunVolume("vda", "qcow2", "/" + number, "qcow2", "/" + (number + 1), "NOTHING")));
        run = journal.advance(run, RunState.FREEZING, at);
        run = journal.froze(run, 2, at);
        run = journal.advance(run, RunState.SNAPSHOTTED, at);
        run = journal.released(run, at, PROVED, List.of(EVIDENCE));
        journal.end(run, RunState.COMPLETED, at, PROVED, List.of(EVIDENCE));
        journal.opened(id, at);
        journal.closed(id);
        if (number >= 2 * MACHINES) {
            RunId removed = id("r", number - MACHINES);
            Job job = journal.begin(new Job(
                    id("j", number),
                    JobKind.REMOVE,
                    removed,
                    vm,
                    "vm" + number % MACHINES,
                    Optional.empty(),
                    JobState.BEGUN,
                    0,
                    at,
                    Optional.empty(),
                    List.of(new JobChange("vda", "qcow2", "/" + number, "/" + (number - MACHINES), "qcow2")),
                    Optional.empty()));
            journal.finish(job, JobState.DONE, at, Optional.empty());
        }
        journal.prune(vm, at.minusSeconds(3 * MACHINES), 20);
    }

    private void lookAt(int number) {
        RunId id = id("r", number);
        String vm = "vm" + number % MACHINES;
        journal.newestRuns(10);
        journal.newestSnapshots(10);
        journal.runs(Optional.of(vm));
        journal.snapshots(Optional.of(vm));
        journal.jobs(Optional.of(vm));
        journal.snapshots(Optional.of(vm(number).toString()));
        journal.runsLike(id.value());
        journal.snapshotsLike(id.value());
        journal.jobsLike("0000000000j");
        journal.unfinished();
        journal.unfinishedJobs();
        journal.head(vm(number));
        journal.intent(id);
        journal.transitions(id);
        journal.evidence(id);
        journal.volumes(id);
        journal.volumes(vm(number));
        journal.groupOf(id);
        journal.lost(id);
        journal.found(id);
    }

    private static List<String> executed(Statement statement) throws SQLException {
        List<String> executed = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery("SELECT sql_statement FROM information_schema.query_statistics")) {
            while (rows.next()) {
                String sql = rows.getString(1).strip();
                if (!sql.startsWith("SET ") && !sql.startsWith("COMMIT") && !sql.startsWith("ROLLBACK")) {
                    executed.add(sql);
                }
            }
        }
        return executed;
    }

    private static String plan(Connection database, String sql) throws SQLException {
        try (PreparedStatement explained = database.prepareStatement("EXPLAIN " + sql)) {
            for (int i = 1; i <= explained.getParameterMetaData().getParameterCount(); i++) {
                explained.setNull(i, Types.NULL);
            }
            try (ResultSet rows = explained.executeQuery()) {
                rows.next();
                return rows.getString(1);
            }
        }
    }

    private static UUID vm(int number) {
        return new UUID(1, number % MACHINES);
    }
}
