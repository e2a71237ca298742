package io.stillframe.db;

import io.stillframe.db.JournalException.Kind;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import org.h2.api.ErrorCode;
import org.h2.jdbcx.JdbcDataSource;

/** Opens the H2 file, and tells its errors apart. */
final class Database {
    private static final Set<Integer> UNREADABLE = Set.of(
            ErrorCode.FILE_CORRUPTED_1,
            ErrorCode.FILE_VERSION_ERROR_1,
            ErrorCode.GENERAL_ERROR_1,
            ErrorCode.WRONG_USER_OR_PASSWORD);

    private Database() {}

    /**
     * WRITE_DELAY=0 writes each commit at once (the default loses half a second on a kill). DB_CLOSE_ON_EXIT=FALSE: H2's
     * own exit hook would close the journal under a run that is just being released after Ctrl-C.
     */
    static Connection open(Path directory) {
        JdbcDataSource source = new JdbcDataSource();
        source.setURL("jdbc:h2:file:" + directory.toAbsolutePath().resolve("journal")
                + ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0");
        source.setUser("stillframe");
        source.setPassword("");
        try {
            return source.getConnection();
        } catch (SQLException e) {
            throw failure("cannot open the journal in " + directory, e);
        }
    }

    static JournalException failure(String what, SQLException e) {
        return new JournalException(
                kind(e), what + ": " + e.getMessage().lines().findFirst().orElse(""), e);
    }

    private static Kind kind(SQLException e) {
        if (e.getErrorCode() == ErrorCode.DATABASE_ALREADY_OPEN_1) {
            return Kind.HELD;
        }
        return UNREADABLE.contains(e.getErrorCode()) ? Kind.UNREADABLE : Kind.IO;
    }
}
