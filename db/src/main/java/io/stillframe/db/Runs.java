package io.stillframe.db;

import io.stillframe.db.JournalException.Kind;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The table {@code run}. Every update names the version it was made from, and fails where that is not the present one. */
record Runs(Session session) {
    private static final String INSERT = """
            INSERT INTO run (id, vm, vm_name, required, state, version, started_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """;
    private static final String ADVANCE =
            "UPDATE run SET state = ?, ended_at = ?, version = version + 1 WHERE id = ? AND version = ?";
    private static final String TOUCH = "UPDATE run SET version = version + 1 WHERE id = ? AND version = ?";
    private static final String OUTCOME = """
            UPDATE run SET frozen_filesystems = ?, freeze_window_us = ?, consistency = ?,
                error_code = ?, error_message = ?, error_hint = ?, version = version + 1
            WHERE id = ? AND version = ?
            """;
    private static final String COLUMNS = """
            SELECT id, vm, vm_name, required, state, version, started_at, ended_at, frozen_filesystems,
                freeze_window_us, consistency, error_code, error_message, error_hint
            FROM run
            """;
    private static final String BY_ID = COLUMNS + "WHERE id = ?";
    private static final String ALL = COLUMNS + "ORDER BY ordinal DESC";
    private static final String OF_VM =
            COLUMNS + "WHERE vm_name = ? OR CAST(vm AS CHARACTER VARYING) = LOWER(?) ORDER BY ordinal DESC";
    private static final String UNFINISHED = COLUMNS + "WHERE ended_at IS NULL ORDER BY ordinal";
    private static final String BY_PREFIX =
            COLUMNS + "WHERE id LIKE ? ORDER BY ordinal DESC FETCH FIRST " + Journal.MAX_CANDIDATES + " ROWS ONLY";

    void insert(Run run) throws SQLException {
        session.update(
                INSERT,
                run.id().value(),
                run.vm().id(),
                run.vm().name(),
                run.required().label(),
                run.state().name(),
                run.version(),
                time(run.startedAt()));
    }

    void advance(Run from, Run to) throws SQLException {
        OffsetDateTime end = to.endedAt().map(Runs::time).orElse(null);
        checked(from, session.update(ADVANCE, to.state().name(), end, from.id().value(), from.version()));
    }

    void touch(Run run) throws SQLException {
        checked(run, session.update(TOUCH, run.id().value(), run.version()));
    }

    void outcome(Run run, Outcome outcome) throws SQLException {
        Optional<Freeze> freeze = outcome.freeze();
        Optional<RunError> error = outcome.error();
        int updated = session.update(
                OUTCOME,
                freeze.map(Freeze::filesystems).orElse(null),
                freeze.map(f -> ChronoUnit.MICROS.between(Instant.EPOCH, Instant.EPOCH.plus(f.window())))
                        .orElse(null),
                outcome.consistency().map(Consistency::label).orElse(null),
                error.map(RunError::code).orElse(null),
                error.map(RunError::message).orElse(null),
                error.map(RunError::hint).orElse(null),
                run.id().value(),
                run.version());
        checked(run, updated);
    }

    private static void checked(Run run, int updated) {
        if (updated != 1) {
            throw new JournalException(
                    Kind.STALE,
                    "run " + run.id() + " of vm '" + run.vm().name() + "' is no longer at version " + run.version()
                            + " (" + run.state() + "): somebody else works on it; nothing was written",
                    null);
        }
    }

    Optional<Run> byId(RunId id) throws SQLException {
        return session.query(BY_ID, Runs::read, id.value()).stream().findFirst();
    }

    List<Run> newestFirst(Optional<String> vm) throws SQLException {
        return vm.isPresent() ? session.query(OF_VM, Runs::read, vm.get(), vm.get()) : session.query(ALL, Runs::read);
    }

    List<Run> unfinished() throws SQLException {
        return session.query(UNFINISHED, Runs::read);
    }

    List<Run> byPrefix(String prefix) throws SQLException {
        return session.query(BY_PREFIX, Runs::read, prefix + "%");
    }

    private static Run read(ResultSet row) throws SQLException {
        return new Run(
                new RunId(row.getString("id")),
                new Vm(row.getObject("vm", UUID.class), row.getString("vm_name")),
                Consistency.parse(row.getString("required")),
                RunState.valueOf(row.getString("state")),
                row.getLong("version"),
                instant(row, "started_at").orElseThrow(),
                instant(row, "ended_at"),
                new Outcome(
                        freeze(row),
                        Optional.ofNullable(row.getString("consistency")).map(Consistency::parse),
                        error(row)));
    }

    private static Optional<Freeze> freeze(ResultSet row) throws SQLException {
        int filesystems = row.getInt("frozen_filesystems");
        return row.wasNull()
                ? Optional.empty()
                : Optional.of(new Freeze(filesystems, Duration.of(row.getLong("freeze_window_us"), ChronoUnit.MICROS)));
    }

    private static Optional<RunError> error(ResultSet row) throws SQLException {
        String code = row.getString("error_code");
        return code == null
                ? Optional.empty()
                : Optional.of(new RunError(code, row.getString("error_message"), row.getString("error_hint")));
    }

    static OffsetDateTime time(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }

    static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class)).map(OffsetDateTime::toInstant);
    }
}
