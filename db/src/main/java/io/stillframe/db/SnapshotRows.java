package io.stillframe.db;

import io.stillframe.db.JournalException.Kind;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The snapshots, and where every machine stands among its own. Each call is a part of somebody's transaction. */
final class SnapshotRows {
    private static final String INSERT = """
            INSERT INTO snapshot (run, taken_at, consistency, parent)
            VALUES (?, ?, 'CRASH', (SELECT run FROM head WHERE vm = ?))
            """;
    private static final String MOVE_HEAD = "MERGE INTO head (vm, run) KEY (vm) VALUES (?, ?)";
    private static final String REVERT_HEAD =
            "MERGE INTO head (vm, run) KEY (vm) SELECT CAST(? AS UUID), run FROM snapshot WHERE run = ?";
    private static final String CLASSIFY = "UPDATE snapshot SET consistency = ? WHERE run = ?";
    private static final String PARENT = "SELECT parent FROM snapshot WHERE run = ?";
    /** By way of the machine's runs: an index of parents would be written while a guest is frozen. */
    private static final String PASS_ON_CHILDREN = """
            UPDATE snapshot SET parent = ?
            WHERE run IN (SELECT id FROM run WHERE vm = ?) AND parent = ?
            """;

    private static final String PASS_ON_HEAD = "UPDATE head SET run = ? WHERE vm = ? AND run = ?";
    private static final String DELETE = "DELETE FROM snapshot WHERE run = ?";
    private static final String OPEN = """
            UPDATE snapshot SET opened_at = COALESCE(opened_at, ?) WHERE run = ? AND removal IS NULL AND NOT lost
            """;
    private static final String CLOSE = "UPDATE snapshot SET opened_at = NULL WHERE run = ?";
    private static final String LOSE = "UPDATE snapshot SET lost = TRUE WHERE run = ? AND removal IS NULL";
    private static final String FIND = "UPDATE snapshot SET lost = FALSE WHERE run = ? AND removal IS NULL";
    private static final String BEGIN_REMOVAL = "UPDATE snapshot SET removal = ? WHERE run = ?";
    private static final String END_REMOVAL = "UPDATE snapshot SET removal = NULL WHERE run = ?";
    private static final String MOVE_SNAPSHOT = """
            UPDATE volume SET snapshot = ?, format = ?
            WHERE run IN (SELECT id FROM run WHERE vm = ?) AND driver = ? AND snapshot = ?
            """;
    private static final String MOVE_ACTIVE = """
            UPDATE volume SET active = ?
            WHERE run IN (SELECT id FROM run WHERE vm = ?) AND driver = ? AND active = ?
            """;

    private final Session session;
    private final PreparedStatement insert;
    private final PreparedStatement moveHead;

    SnapshotRows(Session session) throws SQLException {
        this.session = session;
        // prepared now because they are executed while a guest is frozen
        this.insert = session.prepare(INSERT);
        this.moveHead = session.prepare(MOVE_HEAD);
    }

    void record(Run run, Instant at) throws SQLException {
        session.execute(insert, run.id().value(), Rows.time(at), run.vm());
        session.execute(moveHead, run.vm(), run.id().value());
    }

    /** If there is a record of it still: its run may have been rolled back meanwhile. */
    void reverted(UUID vm, RunId snapshot) throws SQLException {
        session.execute(REVERT_HEAD, vm, snapshot.value());
    }

    void classify(RunId run, Consistency proved) throws SQLException {
        session.execute(CLASSIFY, proved.name(), run.value());
    }

    /** Leaves its place to its parent, if there is a record of it at all. */
    void forget(RunId snapshot, UUID vm) throws SQLException {
        String id = snapshot.value();
        // of one column that may be null: no stream of it
        List<Optional<String>> parents = session.list(PARENT, row -> Optional.ofNullable(row.getString(1)), id);
        for (Optional<String> parent : parents) {
            session.execute(PASS_ON_CHILDREN, parent.orElse(null), vm, id);
            session.execute(PASS_ON_HEAD, parent.orElse(null), vm, id);
        }
        session.execute(DELETE, id);
    }

    void opened(RunId snapshot, Instant at) throws SQLException {
        if (session.execute(OPEN, Rows.time(at), snapshot.value()) != 1) {
            throw new JournalException(
                    Kind.STALE, "snapshot %s is not there to be opened".formatted(snapshot.label()), null);
        }
    }

    void closed(RunId snapshot) throws SQLException {
        session.execute(CLOSE, snapshot.value());
    }

    void lost(RunId snapshot) throws SQLException {
        session.execute(LOSE, snapshot.value());
    }

    void found(RunId snapshot) throws SQLException {
        session.execute(FIND, snapshot.value());
    }

    void beginRemoval(RunId snapshot, RunId job) throws SQLException {
        session.execute(BEGIN_REMOVAL, job.value(), snapshot.value());
    }

    void endRemoval(RunId snapshot) throws SQLException {
        session.execute(END_REMOVAL, snapshot.value());
    }

    /** What any volume of the machine has under the one name, it has under the other. */
    void move(UUID vm, JobChange change) throws SQLException {
        if (!change.from().equals(change.to())) {
            session.execute(MOVE_SNAPSHOT, change.to(), change.format(), vm, change.driver(), change.from());
            session.execute(MOVE_ACTIVE, change.to(), vm, change.driver(), change.from());
        }
    }
}
