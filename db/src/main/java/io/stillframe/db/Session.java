package io.stillframe.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** A connection on which work is committed as a whole or not at all, one piece at a time. */
final class Session {
    private final Connection connection;
    /** Fair: work that comes again and again, such as pruning, lets in between whoever holds a guest's applications. */
    private final ReentrantLock turn = new ReentrantLock(true);

    private volatile boolean failed;

    Session(Connection connection) {
        this.connection = connection;
    }

    /** A read ends its transaction too: it would keep every later version of what it saw. */
    <T> T read(Work<T> work) {
        return write("read the journal", work);
    }

    <T> T write(String what, Work<T> work) {
        turn.lock();
        try {
            T result = work.run();
            connection.commit();
            return result;
        } catch (SQLException e) {
            failed = true;
            rollBack();
            throw Failures.using("cannot " + what, e);
        } catch (RuntimeException | Error e) {
            rollBack();
            throw e;
        } finally {
            turn.unlock();
        }
    }

    /** Whether the database has ever refused to do something, as it does from then on where its file is the reason. */
    boolean hasFailed() {
        return failed;
    }

    void change(String what, Change change) {
        write(what, () -> {
            change.run();
            return null;
        });
    }

    /** When the work that goes on has ended; there is none from then on. */
    void end() {
        turn.lock();
        try {
            connection.close();
        } catch (SQLException e) {
            // nothing is under way, and what was committed is in the file
        } finally {
            turn.unlock();
        }
    }

    PreparedStatement prepare(String sql) throws SQLException {
        return connection.prepareStatement(sql);
    }

    int execute(String sql, Object... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            return execute(statement, parameters);
        }
    }

    int execute(PreparedStatement statement, Object... parameters) throws SQLException {
        set(statement, parameters);
        return statement.executeUpdate();
    }

    <T> List<T> list(String sql, Reader<T> reader, Object... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            return list(statement, reader, parameters);
        }
    }

    <T> List<T> list(PreparedStatement statement, Reader<T> reader, Object... parameters) throws SQLException {
        set(statement, parameters);
        try (ResultSet rows = statement.executeQuery()) {
            List<T> list = new ArrayList<>();
            while (rows.next()) {
                list.add(reader.read(rows));
            }
            return list;
        }
    }

    static Object[] and(Object[] parameters, Object last) {
        Object[] all = Arrays.copyOf(parameters, parameters.length + 1);
        all[parameters.length] = last;
        return all;
    }

    private static void set(PreparedStatement statement, Object... parameters) throws SQLException {
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
    }

    private void rollBack() {
        try {
            connection.rollback();
        } catch (SQLException e) {
            // the failure that led here says more; H2 rolls back what is open when the connection ends
        }
    }

    @FunctionalInterface
    interface Work<T> {
        T run() throws SQLException;
    }

    @FunctionalInterface
    interface Change {
        void run() throws SQLException;
    }

    @FunctionalInterface
    interface Reader<T> {
        T read(ResultSet row) throws SQLException;
    }
}
