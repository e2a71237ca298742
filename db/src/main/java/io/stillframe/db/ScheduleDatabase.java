package io.stillframe.db;

import io.stillframe.db.JournalException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import org.h2.api.ErrorCode;
import org.h2.jdbcx.JdbcConnectionPool;
import org.h2.jdbcx.JdbcDataSource;

/**
 * The database in which a scheduler keeps its own tables: a file of its own, for it changes all the time, and grows with
 * every change while it is open, as the journal's does and for the same reason. Nothing in it is worth more than the
 * configuration that it was made from: what cannot be read is set aside, and it begins anew.
 */
public final class ScheduleDatabase implements AutoCloseable {
    /** As {@link Database} has them, where they matter here: a commit survives the death of this process. */
    private static final String SETTINGS =
            ";DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0;WRITE_DELAY=0;REUSE_SPACE=FALSE;PAGE_SIZE=1024";

    /** What the tables were made of, written once all of them are: H2 commits them one by one. */
    private static final String MADE_OF = "SELECT script FROM stillframe_made_of";

    private final JdbcDataSource source;
    private final JdbcConnectionPool connections;
    /** While it is open the database is. */
    private final Connection keeper;

    private final Growth growth;

    private ScheduleDatabase(JdbcDataSource source, Connection keeper, Growth growth) {
        this.source = source;
        this.connections = JdbcConnectionPool.create(source);
        this.keeper = keeper;
        this.growth = growth;
    }

    /**
     * Opens it, and makes it where there is none.
     *
     * @param directory exists, and is held by this process
     * @param tables the scheduler's own, as SQL statements
     * @param now in the name of what is set aside
     * @throws JournalException when another process has it open, or the disk fails
     */
    public static ScheduleDatabase open(Path directory, String tables, Instant now) {
        Path file = directory.toAbsolutePath().resolve("schedule" + Database.SUFFIX);
        try {
            return open(file, tables);
        } catch (IOException e) {
            throw new JournalException(Kind.IO, "cannot look at " + file + ": " + e, e);
        } catch (SQLException e) {
            JournalException failure = Failures.looking("cannot open " + file, e);
            if (failure.kind() != Kind.UNREADABLE) {
                throw failure;
            }
            try {
                Files.move(file, JournalFile.nameAside(file, now));
                return open(file, tables);
            } catch (SQLException | IOException again) {
                failure.addSuppressed(again);
                throw failure;
            }
        }
    }

    private static ScheduleDatabase open(Path file, String tables) throws SQLException, IOException {
        JdbcDataSource source = new JdbcDataSource();
        String path = file.toString();
        source.setURL("jdbc:h2:" + new LocalDisk().scheme()
                + path.substring(0, path.length() - Database.SUFFIX.length()) + SETTINGS);
        source.setUser("stillframe");
        source.setPassword("");
        Connection keeper = source.getConnection();
        try {
            make(keeper, tables);
            return new ScheduleDatabase(source, keeper, Growth.of(file));
        } catch (SQLException | IOException e) {
            keeper.close();
            throw e;
        }
    }

    /** Tables that are not whole, or an earlier program's, are nothing that is worth keeping. */
    private static void make(Connection keeper, String tables) throws SQLException {
        try (Statement statement = keeper.createStatement()) {
            if (!isMadeOf(statement, tables)) {
                statement.execute("DROP ALL OBJECTS");
                statement.execute(tables);
                statement.execute("CREATE TABLE stillframe_made_of (script VARCHAR NOT NULL) AS SELECT '%s'"
                        .formatted(tables.replace("'", "''")));
            }
        }
    }

    private static boolean isMadeOf(Statement statement, String tables) throws SQLException {
        try (ResultSet made = statement.executeQuery(MADE_OF)) {
            return made.next() && made.getString(1).equals(tables);
        } catch (SQLException e) {
            if (e.getErrorCode() == ErrorCode.TABLE_OR_VIEW_NOT_FOUND_1
                    || e.getErrorCode() == ErrorCode.TABLE_OR_VIEW_NOT_FOUND_DATABASE_EMPTY_1) {
                return false;
            }
            throw e;
        }
    }

    /**
     * A connection for whoever knows what to do with one: it is a {@code java.sql.Connection}.
     *
     * @throws JournalException when the disk fails
     */
    public AutoCloseable connection() {
        try {
            return connections.getConnection();
        } catch (SQLException e) {
            throw Failures.using("cannot open the schedule", e);
        }
    }

    /** Whether it had better be closed and opened again: it has grown so much, or H2 has given it up after a failing disk. */
    public boolean isWorn() {
        return growth.isLarge() || !isAlive();
    }

    private boolean isAlive() {
        try {
            return keeper.isValid(1);
        } catch (SQLException e) {
            return false;
        }
    }

    /** Nobody has a connection any more. Takes the longer once the file has grown: it is compacted. */
    @Override
    public void close() {
        connections.dispose();
        try (keeper;
                Connection last = source.getConnection();
                Statement statement = last.createStatement()) {
            statement.execute("SHUTDOWN COMPACT");
        } catch (SQLException e) {
            // what was committed is in the file; it is only larger than it need be
        }
    }
}
