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

    private static final String HAS_TABLES =
            "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'PUBLIC'";

    private final JdbcConnectionPool connections;
    /** While it is open the database is. */
    private final Connection keeper;

    private final Growth growth;

    private ScheduleDatabase(JdbcConnectionPool connections, Connection keeper, Growth growth) {
        this.connections = connections;
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
            if (failure.kind() == Kind.HELD) {
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
        try (Statement statement = keeper.createStatement();
                ResultSet count = statement.executeQuery(HAS_TABLES)) {
            count.next();
            if (count.getInt(1) == 0) {
                statement.execute(tables);
            }
            return new ScheduleDatabase(JdbcConnectionPool.create(source), keeper, Growth.of(file));
        } catch (SQLException | IOException e) {
            keeper.close();
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

    /** Whether it has grown so much that it had better be closed and opened again: then it is small. */
    public boolean isLarge() {
        return growth.isLarge();
    }

    /** Nobody has a connection any more. Takes the longer once the file has grown: it is compacted. */
    @Override
    public void close() {
        connections.dispose();
        try (keeper;
                Statement statement = keeper.createStatement()) {
            statement.execute("SHUTDOWN COMPACT");
        } catch (SQLException e) {
            throw Failures.using("cannot close the schedule", e);
        }
    }
}
