package io.stillframe.db;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import org.h2.jdbcx.JdbcDataSource;

/**
 * How a file is opened with H2 (2.5.252). Each setting carries a promise:
 *
 * <ul>
 *   <li>{@code ordered:}, our own file system: a power loss takes nothing but the latest writes.
 *   <li>{@code WRITE_DELAY=0}: a commit has been written when it returns; the default loses half a second on a kill.
 *   <li>{@code REUSE_SPACE=FALSE}: and is found again. Otherwise H2 writes into space that has been free for 45 s, and
 *       after a kill does not always find the newest of what it wrote there.
 *   <li>{@code MAX_COMPACT_TIME=0}: closing moves nothing about in the file.
 *   <li>{@code PAGE_SIZE=1024}: a commit writes anew every page that it touches, and its rows are small. The default of
 *       16 kB more than doubles what the file grows by.
 *   <li>{@code DB_CLOSE_ON_EXIT=FALSE}: H2's own exit hook would close the journal under a run that is just being
 *       released after Ctrl-C.
 *   <li>{@code TRACE_LEVEL_FILE=0}: no trace file; every failure is thrown.
 *   <li>{@code IFEXISTS=TRUE}: a file that is gone is an error, not an empty journal.
 *   <li>{@code ACCESS_MODE_DATA=r}: a look changes not one byte, whatever the file is.
 * </ul>
 */
final class Database {
    static final String SUFFIX = ".mv.db";

    private static final String ALWAYS = ";DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0";
    private static final String CREATING = ALWAYS + ";MAX_COMPACT_TIME=0;PAGE_SIZE=1024";
    private static final String EXISTING = ";IFEXISTS=TRUE";
    private static final String WRITING = CREATING + EXISTING + ";WRITE_DELAY=0;REUSE_SPACE=FALSE";
    private static final String LOOKING = ALWAYS + EXISTING + ";ACCESS_MODE_DATA=r";

    private Database() {}

    /** For a file that is nothing until all of it is there: its commits need not be written one by one. */
    static Connection create(Disk disk, Path file) throws SQLException {
        return connect(disk, file, CREATING);
    }

    static Connection open(Disk disk, Path file) throws SQLException {
        return connect(disk, file, WRITING);
    }

    static Connection look(Disk disk, Path file) throws SQLException {
        return connect(disk, file, LOOKING);
    }

    /** Whether H2 opens the file that is meant: what follows a semicolon it reads as settings, a backslash as a slash. */
    static boolean canName(Path file) {
        return file.toString().chars().noneMatch(c -> c == ';' || c == '\\');
    }

    private static Connection connect(Disk disk, Path file, String settings) throws SQLException {
        String path = file.toAbsolutePath().toString();
        JdbcDataSource source = new JdbcDataSource();
        source.setURL("jdbc:h2:" + OrderedPath.prefix() + disk.scheme()
                + path.substring(0, path.length() - SUFFIX.length()) + settings);
        source.setUser("stillframe");
        source.setPassword("");
        return source.getConnection();
    }
}
