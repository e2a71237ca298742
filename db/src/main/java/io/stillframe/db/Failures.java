package io.stillframe.db;

import io.stillframe.db.JournalException.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.sql.SQLException;
import org.h2.api.ErrorCode;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStoreException;

/** H2's errors in the journal's terms. H2 numbers the same failure differently by the call that met it: causes decide. */
final class Failures {
    private Failures() {}

    /** While reading or writing an open journal: what is not known to be damage is the disk. */
    static JournalException inUse(String doing, SQLException e) {
        Kind kind =
                switch (e.getErrorCode()) {
                    case ErrorCode.FILE_CORRUPTED_1 -> Kind.UNREADABLE;
                    case ErrorCode.DUPLICATE_KEY_1 -> Kind.STALE;
                    default -> damaged(e) ? Kind.UNREADABLE : Kind.IO;
                };
        return new JournalException(kind, doing + ": " + consequence(kind) + ": " + firstLine(e), e);
    }

    /** While opening a file: what is not known to be the disk is damage, for H2 stumbles over garbage in many ways. */
    static JournalException opening(String file, SQLException e) {
        Kind kind = e.getErrorCode() == ErrorCode.DATABASE_ALREADY_OPEN_1
                ? Kind.HELD
                : diskFailed(e) ? Kind.IO : Kind.UNREADABLE;
        return new JournalException(kind, "journal " + file + ": " + consequence(kind) + ": " + firstLine(e), e);
    }

    private static String consequence(Kind kind) {
        return switch (kind) {
            case HELD -> "another process has it open; no run can be read or started";
            case UNREADABLE -> "damaged or not a journal; it was left as it is, and what ran before is unknown";
            case STALE -> "changed by somebody else meanwhile; nothing was written";
            default -> "cannot be read or written; nothing was recorded";
        };
    }

    private static boolean damaged(Throwable e) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof MVStoreException store) {
                int code = store.getErrorCode();
                if (code == DataUtils.ERROR_FILE_CORRUPT || code == DataUtils.ERROR_CHUNK_NOT_FOUND) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean diskFailed(Throwable e) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            // the end of the file where there should be more is damage, and comes as an IOException all the same
            if (t instanceof IOException && !(t instanceof EOFException)) {
                return true;
            }
        }
        return false;
    }

    private static String firstLine(SQLException e) {
        return e.getMessage().lines().findFirst().orElse("no reason given");
    }
}
