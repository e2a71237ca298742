package io.stillframe.db;

import io.stillframe.db.JournalException.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.sql.SQLException;
import java.util.stream.Stream;
import org.h2.api.ErrorCode;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStoreException;

/**
 * H2's errors in the journal's terms. H2 numbers the same failure differently by the call that met it (a full disk is
 * 90031, 50000 or 90098), so the causes decide.
 */
final class Failures {
    private Failures() {}

    /** Of a file that is looked at: what is not the disk is damage, for H2 stumbles over garbage in many ways. */
    static JournalException looking(String what, SQLException e) {
        return failure(what, e, Kind.UNREADABLE);
    }

    /** Of a file that was found whole: what is not known to be damage is the disk. */
    static JournalException using(String what, SQLException e) {
        return failure(what, e, Kind.IO);
    }

    private static JournalException failure(String what, SQLException e, Kind otherwise) {
        Kind kind = otherwise;
        if (e.getErrorCode() == ErrorCode.DATABASE_ALREADY_OPEN_1) {
            kind = Kind.HELD;
        } else if (causes(e).anyMatch(Failures::isDamage)) {
            kind = Kind.UNREADABLE;
        } else if (causes(e).anyMatch(IOException.class::isInstance)) {
            kind = Kind.IO;
        }
        return new JournalException(
                kind, what + ": " + e.getMessage().lines().findFirst().orElse(""), e);
    }

    private static boolean isDamage(Throwable cause) {
        if (cause instanceof MVStoreException store) {
            return store.getErrorCode() == DataUtils.ERROR_FILE_CORRUPT
                    || store.getErrorCode() == DataUtils.ERROR_CHUNK_NOT_FOUND;
        }
        // a file that ends where it should go on has lost something, though H2 reports that as an IOException
        return cause instanceof EOFException || cause instanceof DamagedException;
    }

    private static Stream<Throwable> causes(Throwable e) {
        return Stream.iterate(e, cause -> cause != null, Throwable::getCause);
    }
}
