package io.stillframe.db;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * Brings a database to this program's schema. H2 commits every DDL statement by itself, so a migration cannot be one
 * transaction; instead each can be repeated, and its number is recorded last.
 */
final class Migrations {
    /** In order; the number is the position, from 1. A migration that was ever released is never changed. */
    private static final List<String> FILES = List.of("V001__journal.sql");

    private static final String TABLE =
            "CREATE TABLE IF NOT EXISTS schema_version (version INT PRIMARY KEY, applied_at TIMESTAMP(6) NOT NULL)";
    private static final String CURRENT = "SELECT COALESCE(MAX(version), 0) FROM schema_version";
    private static final String RECORD = "INSERT INTO schema_version VALUES (%d, LOCALTIMESTAMP)";

    private Migrations() {}

    static void apply(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(TABLE);
            int current = current(statement);
            if (current > FILES.size()) {
                throw new JournalException(
                        JournalException.Kind.NEWER,
                        "the journal has schema %d, this program knows %d; nothing was changed: use the newer program"
                                .formatted(current, FILES.size()),
                        null);
            }
            for (int version = current + 1; version <= FILES.size(); version++) {
                statement.execute(read(FILES.get(version - 1)));
                statement.execute(RECORD.formatted(version));
            }
        }
    }

    private static int current(Statement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery(CURRENT)) {
            rows.next();
            return rows.getInt(1);
        }
    }

    private static String read(String file) {
        try (InputStream sql = Migrations.class.getResourceAsStream("migration/" + file)) {
            return new String(sql.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
