package io.stillframe.db;

import io.stillframe.db.JournalException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The journal's file before it is opened: whole under its own name at every moment. Whatever takes several steps
 * (creation, a new schema, compaction) is done to a draft beside it; when that is complete and on the disk, it takes the
 * name in one step. A process killed anywhere in between leaves the old journal or none, and a draft that the next one
 * overwrites. So a file under the journal's name that has no schema is damaged, never just new: H2 opens some damaged
 * files as empty ones.
 *
 * <p>Who calls this holds the directory.
 */
final class Draft {
    private static final String LIFE = """
            (SELECT COUNT(*) FROM run), (SELECT COALESCE(SUM(version), 0) FROM run),
                (SELECT COUNT(*) FROM transition), (SELECT COUNT(*) FROM volume),
                (SELECT COUNT(*) FROM evidence), (SELECT COUNT(*) FROM snapshot), (SELECT COUNT(*) FROM head),
                (SELECT COUNT(*) FROM job), (SELECT COALESCE(SUM(version), 0) FROM job),
                (SELECT COUNT(*) FROM job_change)""";

    private static final String OF_LIFE = "SELECT CONCAT_WS(' ', %s)".formatted(LIFE);

    private static final String HELD = LIFE + ", (SELECT COUNT(*) FROM held)";

    private static final String OF_HELD = "SELECT CONCAT_WS(' ', %s)".formatted(HELD);

    private static final String OF_GROUPS =
            "SELECT CONCAT_WS(' ', %s, (SELECT COUNT(*) FROM run_group), (SELECT COUNT(*) FROM run_group_member))"
                    .formatted(HELD);

    /** By the schema, from 1 on. Each reads every run, and fails where a table is gone. */
    private static final List<String> TALLIES =
            List.of("""
            SELECT CONCAT_WS(' ', (SELECT COUNT(*) FROM run), (SELECT COALESCE(SUM(version), 0) FROM run),
                (SELECT COUNT(*) FROM transition), (SELECT COUNT(*) FROM volume),
                (SELECT COUNT(*) FROM evidence), (SELECT COUNT(*) FROM snapshot))
            """, OF_LIFE, OF_LIFE, OF_HELD, OF_GROUPS, OF_GROUPS, OF_GROUPS);

    private static final Tally NOTHING = new Tally(Migrations.LATEST, "0 0 0 0 0 0 0 0 0 0 0 0 0");
    private static final String SCRIPT = "SCRIPT NOPASSWORDS NOSETTINGS";
    private static final String USED = """
            SELECT CAST(setting_value AS BIGINT) FROM information_schema.settings
            WHERE setting_name IN ('info.FILE_SIZE', 'info.FILL_RATE', 'info.CHUNKS_FILL_RATE')
            """;

    private final Path file;
    private final Path draft;
    private final Disk disk;

    Draft(Path file, Disk disk) {
        this.disk = disk;
        this.file = file;
        this.draft = file.resolveSibling("journal.new" + Database.SUFFIX);
    }

    /**
     * Makes sure that there is a journal, of this program's schema. A large file of mostly garbage is made small where there is
     * room for that, and is a whole journal where there is not.
     *
     * @param compactAbove the size in bytes up to which garbage does not matter
     */
    void settle(long compactAbove) throws IOException, SQLException {
        if (Files.notExists(file)) {
            publish(draft -> {}, NOTHING);
            return;
        }
        switch (need(compactAbove)) {
            case NOTHING -> {}
            case SCHEMA -> renew();
            case COMPACTION -> compact();
        }
    }

    private void compact() throws SQLException {
        try {
            renew();
        } catch (IOException e) {
            // the journal is as it was
        } catch (SQLException e) {
            if (Failures.using("cannot copy " + file, e).kind() != Kind.IO) {
                throw e;
            }
        }
    }

    private void renew() throws IOException, SQLException {
        try (Connection look = Database.look(disk, file)) {
            publish(draft -> copy(look, draft), Tally.of(look, Migrations.version(look)));
        }
    }

    private Need need(long compactAbove) throws IOException {
        try (Connection look = Database.look(disk, file)) {
            int version = Migrations.version(look);
            if (version == 0) {
                throw new JournalException(Kind.UNREADABLE, file + " is damaged: it has no schema", null);
            }
            if (version > Migrations.LATEST) {
                throw new JournalException(
                        Kind.NEWER,
                        "the journal has schema %d, this program knows %d; nothing was changed: use the newer program"
                                .formatted(version, Migrations.LATEST),
                        null);
            }
            Tally.of(look, version);
            if (version < Migrations.LATEST) {
                return Need.SCHEMA;
            }
            long size = Files.size(file);
            return size > compactAbove && used(look) < size / 2.0 ? Need.COMPACTION : Need.NOTHING;
        } catch (SQLException e) {
            throw Failures.looking(file + " is not a journal, or damaged", e);
        }
    }

    /** The size of H2's file, the share of it that belongs to chunks, and of those that belongs to pages in use. */
    private static double used(Connection look) throws SQLException {
        // the shares are in percent
        double used = 1.0 / (100 * 100);
        try (Statement statement = look.createStatement();
                ResultSet factors = statement.executeQuery(USED)) {
            while (factors.next()) {
                used *= factors.getLong(1);
            }
        }
        return used;
    }

    /** Statement by statement, not page by page: only what can be read arrives, and what cannot be read ends the copy. */
    private static void copy(Connection from, Statement to) throws SQLException {
        try (Statement statement = from.createStatement();
                ResultSet script = statement.executeQuery(SCRIPT)) {
            while (script.next()) {
                to.execute(script.getString(1));
            }
        }
    }

    private void publish(Content content, Tally tally) throws IOException, SQLException {
        disk.deleteIfExists(draft);
        try {
            try (Connection to = Database.create(disk, draft);
                    Statement statement = to.createStatement()) {
                content.writeTo(statement);
                Migrations.apply(to);
                statement.execute("CHECKPOINT SYNC");
            }
            try (Forcing forcing = Forcing.open(disk, draft)) {
                forcing.force();
            }
            requireWhole(tally);
            disk.rename(draft, file);
            disk.syncNames(file.getParent());
        } finally {
            disk.deleteIfExists(draft);
        }
    }

    /** H2 keeps to itself what goes wrong when it closes a file. */
    private void requireWhole(Tally tally) throws IOException, SQLException {
        try (Connection look = Database.look(disk, draft)) {
            if (Migrations.version(look) != Migrations.LATEST
                    || !Tally.of(look, tally.schema()).equals(tally)) {
                throw new IOException(draft + " came out incomplete");
            }
        }
    }

    /** How much there is, in the tables of a schema. */
    private record Tally(int schema, String counts) {
        static Tally of(Connection look, int schema) throws SQLException {
            try (Statement statement = look.createStatement();
                    ResultSet counts = statement.executeQuery(TALLIES.get(schema - 1))) {
                counts.next();
                return new Tally(schema, counts.getString(1));
            }
        }
    }

    /** What a file that is whole is copied for. */
    private enum Need {
        NOTHING,
        SCHEMA,
        COMPACTION
    }

    @FunctionalInterface
    private interface Content {
        void writeTo(Statement draft) throws SQLException;
    }
}
