package io.stillframe.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;

/** A connection on which work is committed as a whole or not at all. */
final class Session {
    private final Connection connection;

    Session(Connection connection) {
        this.connection = connection;
    }

    /** A read ends its transaction too: it would keep every later version of what it saw. */
    <T> T read(Work<T> work) {
        return write("read the journal", work);
    }

    <T> T write(String what, Work<T> work) {
        try {
            T result = work.run();
            connection.commit();
            return result;
        } catch (SQLException e) {
            rollBack();
            throw Failures.using("cannot " + what, e);
        } catch (RuntimeException e) {
            rollBack();
            throw e;
        }
    }

    int execute(String sql, Object... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            return execute(statement, parameters);
        }
    }

    int execute(PreparedStatement statement, Object... parameters) throws SQLException {
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
        return statement.executeUpdate();
    }

    static Object[] and(Object[] parameters, Object last) {
        Object[] all = Arrays.copyOf(parameters, parameters.length + 1);
        all[parameters.length] = last;
        return all;
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
}
