package io.stillframe.db;

import io.stillframe.db.JournalException.Kind;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** An open journal file: one connection, whose statements are prepared once, and a descriptor to sync the file by. */
final class Session implements AutoCloseable {
    /** One row as a value. */
    interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    /** What happens in one transaction: all of it, or nothing. */
    interface Work<T> {
        T run() throws SQLException;
    }

    private final Connection connection;
    private final RandomAccessFile file;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();

    private Session(Connection connection, RandomAccessFile file) {
        this.connection = connection;
        this.file = file;
    }

    static Session open(Path path) {
        try {
            Connection connection = H2.open(path);
            // kept open for the session's life: closing any descriptor of a file drops a process's locks on it (POSIX)
            return new Session(connection, new RandomAccessFile(path.toFile(), "rw"));
        } catch (SQLException e) {
            throw Failures.opening(path.toString(), e);
        } catch (IOException e) {
            throw new JournalException(Kind.IO, "journal " + path + ": cannot be opened: " + e, e);
        }
    }

    <T> T transaction(String doing, Work<T> work) {
        boolean done = false;
        try {
            T result = work.run();
            connection.commit();
            done = true;
            return result;
        } catch (SQLException e) {
            throw Failures.inUse(doing, e);
        } finally {
            if (!done) {
                rollback();
            }
        }
    }

    private void rollback() {
        try {
            connection.rollback();
        } catch (SQLException e) {
            // H2 has closed the file over the failure that brought us here and that the caller is told of; what was
            // not committed is gone with it, which is all that a rollback is for
            prepared.clear();
        }
    }

    int update(String sql, Object... parameters) throws SQLException {
        return bound(sql, parameters).executeUpdate();
    }

    <T> List<T> query(String sql, Row<T> reader, Object... parameters) throws SQLException {
        List<T> rows = new ArrayList<>();
        try (ResultSet result = bound(sql, parameters).executeQuery()) {
            while (result.next()) {
                rows.add(reader.read(result));
            }
        } catch (IllegalArgumentException e) {
            throw new JournalException(Kind.UNREADABLE, "journal: a row makes no sense: " + e.getMessage(), e);
        }
        return rows;
    }

    private PreparedStatement bound(String sql, Object... parameters) throws SQLException {
        PreparedStatement statement = prepared(sql);
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
        return statement;
    }

    private PreparedStatement prepared(String sql) throws SQLException {
        PreparedStatement statement = prepared.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            prepared.put(sql, statement);
        }
        return statement;
    }

    /** Waits until all that was written is on disk ({@code fsync}). May run beside a transaction. */
    void sync() {
        try {
            // not a FileChannel's force: an interrupt would close the channel and leave the question open
            file.getFD().sync();
        } catch (IOException e) {
            throw new JournalException(Kind.IO, "journal: not known to be on disk; the run must not go on: " + e, e);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
            file.close();
        } catch (SQLException | IOException e) {
            throw new JournalException(Kind.IO, "journal: cannot be closed properly; nothing is lost: " + e, e);
        }
    }
}
