package io.stillframe.db;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Rows as records, and records as parameters. */
final class Rows {
    private Rows() {}

    static Run run(ResultSet row) throws SQLException {
        return new Run(
                new RunId(row.getString("id")),
                row.getObject("vm", UUID.class),
                row.getString("vm_name"),
                RunState.valueOf(row.getString("state")),
                row.getLong("version"),
                instant(row, "started_at").orElseThrow(),
                integer(row, "frozen"),
                instant(row, "ended_at"),
                new RunResult(consistency(row), freeze(row), error(row)));
    }

    static Intent intent(ResultSet row, List<Evidence> evidence, List<RunVolume> volumes, List<Filesystem> held)
            throws SQLException {
        return new Intent(
                Optional.ofNullable(row.getString("policy")),
                Consistency.valueOf(row.getString("required")),
                integer(row, "to_freeze"),
                Duration.of(row.getLong("freeze_limit_micros"), ChronoUnit.MICROS),
                evidence,
                volumes,
                held);
    }

    static Filesystem held(ResultSet row) throws SQLException {
        Object[] disks = (Object[]) row.getArray("disks").getArray();
        return new Filesystem(
                row.getString("mountpoint"),
                row.getString("device"),
                row.getString("type"),
                Stream.of(disks).map(String::valueOf).toList());
    }

    static Evidence evidence(ResultSet row) throws SQLException {
        return new Evidence(row.getString("name"), row.getBoolean("ok"), row.getString("detail"));
    }

    static RunVolume volume(ResultSet row) throws SQLException {
        return new RunVolume(
                row.getString("disk"),
                row.getString("driver"),
                row.getString("snapshot"),
                row.getString("format"),
                row.getString("active"),
                row.getString("quiesce"));
    }

    static JobChange change(ResultSet row) throws SQLException {
        return new JobChange(
                row.getString("disk"),
                row.getString("driver"),
                row.getString("from_name"),
                row.getString("to_name"),
                row.getString("format"));
    }

    /** A lost one that is being removed is lost again when that fails. */
    static SnapshotState snapshotState(ResultSet row) throws SQLException {
        if (row.getString("removal") != null) {
            return SnapshotState.REMOVING;
        }
        return row.getBoolean("lost") ? SnapshotState.LOST : SnapshotState.PRESENT;
    }

    /** The machine's UUID where that is what is given; null where it can only be a name. */
    static UUID uuid(String vm) {
        try {
            UUID uuid = UUID.fromString(vm);
            return uuid.toString().equals(vm) ? uuid : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** A time as it is read back. */
    static Instant stored(Instant at) {
        return at.truncatedTo(ChronoUnit.MICROS);
    }

    static Object time(Instant at) {
        return stored(at).atOffset(ZoneOffset.UTC);
    }

    static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class)).map(OffsetDateTime::toInstant);
    }

    static Optional<Consistency> consistency(ResultSet row) throws SQLException {
        return Optional.ofNullable(row.getString("consistency")).map(Consistency::valueOf);
    }

    /** In the order of the columns in the update of a run's result. */
    static Object[] parameters(Object endedAt, RunResult result) {
        return new Object[] {
            endedAt,
            result.consistency().map(Enum::name).orElse(null),
            result.freeze().map(Freeze::filesystems).orElse(null),
            result.freeze().map(freeze -> micros(freeze.window())).orElse(null),
            result.error().map(RunError::code).orElse(null),
            result.error().map(RunError::message).orElse(null),
            result.error().map(RunError::hint).orElse(null)
        };
    }

    /** In the order of the columns in the update of a run's intent. */
    static Object[] parameters(Intent intent) {
        OptionalInt filesystems = intent.filesystems();
        return new Object[] {
            intent.policy().orElse(null),
            intent.required().name(),
            filesystems.isPresent() ? filesystems.getAsInt() : null,
            micros(intent.freezeLimit())
        };
    }

    private static long micros(Duration duration) {
        return TimeUnit.MICROSECONDS.convert(duration);
    }

    private static OptionalInt integer(ResultSet row, String column) throws SQLException {
        int value = row.getInt(column);
        return row.wasNull() ? OptionalInt.empty() : OptionalInt.of(value);
    }

    private static Optional<Freeze> freeze(ResultSet row) throws SQLException {
        long micros = row.getLong("window_micros");
        return row.wasNull()
                ? Optional.empty()
                : Optional.of(new Freeze(row.getInt("filesystems"), Duration.of(micros, ChronoUnit.MICROS)));
    }

    static Optional<RunError> error(ResultSet row) throws SQLException {
        String code = row.getString("error_code");
        return code == null
                ? Optional.empty()
                : Optional.of(new RunError(code, row.getString("error_message"), row.getString("error_hint")));
    }
}
