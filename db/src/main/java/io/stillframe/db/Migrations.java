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
 * transaction; it is done to a draft instead, which becomes the journal only when all of it is done.
 */
final class Migrations {
    /** In order; the number is the position, from 1. A migration that was ever released is never changed. */
    private static final List<String> FILES = List.of(
            "V001__journal.sql",
            "V002__life.sql",
            "V003__policies.sql",
            "V004__held.sql",
            "V005__groups.sql",
            "V006__load.sql",
            "V007__given_up.sql");

    static final int LATEST = FILES.size();

    private static final String TABLE =
            "CREATE TABLE IF NOT EXISTS schema_version (version INT PRIMARY KEY, applied_at TIMESTAMP(6) NOT NULL)";
    private static final String CURRENT = "SELECT COALESCE(MAX(version), 0) FROM schema_version";
    private static final String RECORD = "INSERT INTO schema_version VALUES (%d, LOCALTIMESTAMP)";

    private Migrations() {}

    static void apply(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(TABLE);
            for (int version = version(connection) + 1; version <= LATEST; version++) {
                statement.execute(read(FILES.get(version - 1)));
                statement.execute(RECORD.formatted(version));
            }
        }
    }

    /** 0 where there is none; fails where there is not even a table of them. */
    static int version(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(CURRENT)) {
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
