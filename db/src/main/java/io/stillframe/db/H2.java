package io.stillframe.db;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;

/**
 * How the journal's file is opened. Each setting carries a promise:
 *
 * <ul>
 *   <li>{@code async:} - H2's asynchronous file channel. With the ordinary one, interrupting a thread inside a call
 *       closes the file under everybody ({@link java.nio.channels.ClosedByInterruptException}), and the thaw that
 *       follows an interrupt could not be journaled.
 *   <li>{@code WRITE_DELAY=0} - a commit has been written when it returns.
 *   <li>{@code REUSE_SPACE=FALSE} - and is found again after a kill; see the package's crash argument.
 *   <li>{@code MAX_COMPACT_TIME=0} - closing moves nothing about in the file; compaction is a copy instead.
 *   <li>{@code DB_CLOSE_ON_EXIT=FALSE} - no shutdown hook that would close the journal before the last thaw is told it.
 *   <li>{@code TRACE_LEVEL_FILE=0} - no trace file; every failure is thrown.
 *   <li>{@code IFEXISTS=TRUE} - a file that is gone is an error, not an empty journal.
 * </ul>
 */
final class H2 {
    static final String SUFFIX = ".mv.db";

    private static final String COMMON = ";DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0";
    private static final String WRITING = COMMON + ";WRITE_DELAY=0;REUSE_SPACE=FALSE;MAX_COMPACT_TIME=0";

    private H2() {}

    static Connection create(Path file) throws SQLException {
        return connect(file, WRITING);
    }

    static Connection open(Path file) throws SQLException {
        return connect(file, WRITING + ";IFEXISTS=TRUE");
    }

    /** A look that changes not one byte, at whatever the file may be. */
    static Connection look(Path file) throws SQLException {
        return connect(file, COMMON + ";IFEXISTS=TRUE;ACCESS_MODE_DATA=r");
    }

    private static Connection connect(Path file, String settings) throws SQLException {
        String path = file.toAbsolutePath().toString();
        if (!path.endsWith(SUFFIX) || path.indexOf(';') >= 0) {
            // H2 has no way to quote a semicolon: what follows it would be read as settings
            throw new IllegalArgumentException("not a path for a journal: " + path);
        }
        String name = path.substring(0, path.length() - SUFFIX.length());
        Connection connection = new org.h2.Driver().connect("jdbc:h2:async:" + name + settings, new Properties());
        connection.setAutoCommit(false);
        return connection;
    }
}
