package io.stillframe.db;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** The questions about runs and their snapshots, as SQL. */
final class JournalQueries {
    private static final String RUNS = "SELECT * FROM run ORDER BY started_at DESC, id LIMIT ?";
    private static final String RUNS_OF_NAMED = "SELECT * FROM run WHERE vm_name = ? ORDER BY started_at DESC, id";
    private static final String RUNS_OF_VM = "SELECT * FROM run WHERE vm = ? ORDER BY started_at DESC, id";
    /** A tilde comes after every character of an id. */
    private static final String RUNS_BY_PREFIX =
            "SELECT * FROM run WHERE id >= ? AND id < CONCAT(?, '~') ORDER BY id LIMIT 2";

    private static final String UNFINISHED = "SELECT * FROM run WHERE unfinished ORDER BY started_at";
    private static final String INTENT = "SELECT * FROM run WHERE id = ? AND required IS NOT NULL";
    private static final String TRANSITIONS = "SELECT * FROM transition WHERE run = ? ORDER BY version";
    private static final String VOLUMES = "SELECT * FROM volume WHERE run = ? ORDER BY position";
    private static final String HELD = "SELECT * FROM held WHERE run = ? ORDER BY position";
    private static final String EVIDENCE = "SELECT * FROM evidence WHERE run = ? AND beforehand = ? ORDER BY position";
    private static final String VOLUMES_OF_VM = """
            SELECT volume.* FROM run JOIN volume ON volume.run = run.id WHERE run.vm = ? ORDER BY volume.run, volume.position
            """;
    private static final String SNAPSHOT = """
            SELECT run.id, run.vm, run.vm_name, run.policy, snapshot.taken_at, snapshot.consistency,
                snapshot.removal, snapshot.lost, snapshot.parent, snapshot.opened_at
            """;
    /** The index of the runs has the latest without a look at all the others; one of the snapshots would be written in the window. */
    private static final String SNAPSHOTS = SNAPSHOT + """
            FROM run USE INDEX (run_started_at) JOIN snapshot ON snapshot.run = run.id
            ORDER BY run.started_at DESC, run.id LIMIT ?
            """;

    private static final String SNAPSHOTS_OF_NAMED =
            SNAPSHOT + "FROM run JOIN snapshot ON snapshot.run = run.id WHERE run.vm_name = ?";
    private static final String SNAPSHOTS_OF_VM =
            SNAPSHOT + "FROM run JOIN snapshot ON snapshot.run = run.id WHERE run.vm = ?";
    private static final String SNAPSHOTS_BY_PREFIX = SNAPSHOT + """
            FROM run JOIN snapshot ON snapshot.run = run.id WHERE run.id >= ? AND run.id < CONCAT(?, '~')
            ORDER BY run.id LIMIT 2
            """;
    private static final String HEAD = "SELECT run FROM head WHERE vm = ? AND run IS NOT NULL";
    private static final Comparator<Snapshot> NEWEST_FIRST = Comparator.comparing(Snapshot::takenAt)
            .reversed()
            .thenComparing(snapshot -> snapshot.run().value());

    private final Session session;
    private final PreparedStatement volumes;

    JournalQueries(Session session) throws SQLException {
        this.session = session;
        // asked for with every snapshot of a list
        this.volumes = session.prepare(VOLUMES);
    }

    List<Run> runs(int most) throws SQLException {
        return session.list(RUNS, Rows::run, most);
    }

    /** By its UUID where that is what is given, though another machine may bear that as its name. */
    List<Run> runs(String vm) throws SQLException {
        UUID uuid = Rows.uuid(vm);
        return uuid == null ? session.list(RUNS_OF_NAMED, Rows::run, vm) : session.list(RUNS_OF_VM, Rows::run, uuid);
    }

    List<Run> runsLike(String prefix) throws SQLException {
        return session.list(RUNS_BY_PREFIX, Rows::run, prefix, prefix);
    }

    List<Run> unfinished() throws SQLException {
        return session.list(UNFINISHED, Rows::run);
    }

    Optional<Intent> intent(RunId run) throws SQLException {
        List<Evidence> evidence = evidence(run, true);
        List<RunVolume> volumes = volumes(run);
        List<Filesystem> held = session.list(HELD, Rows::held, run.value());
        return session.list(INTENT, row -> Rows.intent(row, evidence, volumes, held), run.value()).stream()
                .findFirst();
    }

    List<Transition> transitions(RunId run) throws SQLException {
        return session.list(
                TRANSITIONS,
                row -> new Transition(
                        RunState.valueOf(row.getString("state")),
                        Rows.instant(row, "at").orElseThrow()),
                run.value());
    }

    List<RunVolume> volumes(RunId run) throws SQLException {
        return session.list(volumes, Rows::volume, run.value());
    }

    Map<RunId, List<RunVolume>> volumes(UUID vm) throws SQLException {
        Map<RunId, List<RunVolume>> ofRuns = new HashMap<>();
        session.list(
                VOLUMES_OF_VM,
                row -> ofRuns.computeIfAbsent(new RunId(row.getString("run")), any -> new ArrayList<>())
                        .add(Rows.volume(row)),
                vm);
        return ofRuns;
    }

    List<Evidence> evidence(RunId run) throws SQLException {
        return evidence(run, false);
    }

    /** Of those whose runs began last. */
    List<Snapshot> snapshots(int most) throws SQLException {
        return session.list(SNAPSHOTS, this::snapshot, most).stream()
                .sorted(NEWEST_FIRST)
                .toList();
    }

    List<Snapshot> snapshots(String vm) throws SQLException {
        UUID uuid = Rows.uuid(vm);
        List<Snapshot> snapshots = uuid == null
                ? session.list(SNAPSHOTS_OF_NAMED, this::snapshot, vm)
                : session.list(SNAPSHOTS_OF_VM, this::snapshot, uuid);
        return snapshots.stream().sorted(NEWEST_FIRST).toList();
    }

    List<Snapshot> snapshotsLike(String prefix) throws SQLException {
        return session.list(SNAPSHOTS_BY_PREFIX, this::snapshot, prefix, prefix);
    }

    Optional<RunId> head(UUID vm) throws SQLException {
        return session.list(HEAD, row -> new RunId(row.getString(1)), vm).stream()
                .findFirst();
    }

    private List<Evidence> evidence(RunId run, boolean beforehand) throws SQLException {
        return session.list(EVIDENCE, Rows::evidence, run.value(), beforehand);
    }

    private Snapshot snapshot(ResultSet row) throws SQLException {
        RunId run = new RunId(row.getString("id"));
        return new Snapshot(
                run.label(),
                run,
                row.getObject("vm", UUID.class),
                row.getString("vm_name"),
                Rows.instant(row, "taken_at").orElseThrow(),
                Rows.consistency(row).orElseThrow(),
                Rows.snapshotState(row),
                Optional.ofNullable(row.getString("parent")).map(RunId::new),
                Rows.instant(row, "opened_at"),
                Optional.ofNullable(row.getString("policy")),
                volumes(run));
    }
}
