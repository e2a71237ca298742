package io.stillframe.db;

import io.stillframe.db.JournalException.Kind;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** The groups of runs. Each call is a part of somebody's transaction. */
final class GroupRows {
    private static final String INSERT = "INSERT INTO run_group (id, rule) VALUES (?, ?)";
    private static final String INSERT_MEMBER =
            "INSERT INTO run_group_member (run, run_group, position) VALUES (?, ?, ?)";
    /** Once, and of members that are all released: what is claimed here is what a later process goes by. */
    private static final String PROVE = """
            UPDATE run_group SET skew_micros = ?, together_micros = ?
            WHERE id = ? AND skew_micros IS NULL AND NOT EXISTS (
                SELECT 1 FROM run_group_member LEFT JOIN run ON run.id = run_group_member.run
                WHERE run_group_member.run_group = ? AND (run.state IS NULL OR run.state <> 'RELEASED'))
            """;

    private static final String OF_RUN = """
            SELECT * FROM run_group WHERE id = (SELECT run_group FROM run_group_member WHERE run = ?)
            """;
    private static final String MEMBERS = "SELECT run FROM run_group_member WHERE run_group = ? ORDER BY position";

    private final Session session;

    GroupRows(Session session) {
        this.session = session;
    }

    void plan(RunGroup group) throws SQLException {
        session.execute(INSERT, group.id().value(), group.rule().name());
        for (int i = 0; i < group.members().size(); i++) {
            session.execute(
                    INSERT_MEMBER, group.members().get(i).value(), group.id().value(), i);
        }
    }

    RunGroup prove(RunGroup group, OneInstant proof) throws SQLException {
        String id = group.id().value();
        if (session.execute(PROVE, micros(proof.skew()), micros(proof.together()), id, id) != 1) {
            throw new JournalException(
                    Kind.STALE,
                    "the members of group %s are not all released, or it is proved already".formatted(id),
                    null);
        }
        return group.proved(proof);
    }

    Optional<RunGroup> of(RunId run) throws SQLException {
        for (RunGroup group : session.list(OF_RUN, this::group, run.value())) {
            return Optional.of(group);
        }
        return Optional.empty();
    }

    private RunGroup group(ResultSet row) throws SQLException {
        String id = row.getString("id");
        List<RunId> members = session.list(MEMBERS, member -> new RunId(member.getString(1)), id);
        return new RunGroup(new RunId(id), GroupRule.valueOf(row.getString("rule")), members, proof(row));
    }

    private static Optional<OneInstant> proof(ResultSet row) throws SQLException {
        long skew = row.getLong("skew_micros");
        return row.wasNull()
                ? Optional.empty()
                : Optional.of(new OneInstant(
                        Duration.of(skew, ChronoUnit.MICROS),
                        Duration.of(row.getLong("together_micros"), ChronoUnit.MICROS)));
    }

    private static long micros(Duration duration) {
        return duration.toNanos() / 1000;
    }
}
