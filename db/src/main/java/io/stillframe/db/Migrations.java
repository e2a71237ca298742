package io.stillframe.db;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The numbered steps from nothing to the present schema, each applied once and in order. They run only on a file that
 * is not yet the journal (see {@link JournalFile}): H2 commits implicitly with every DDL statement, so that a migration
 * cannot be rolled back, but a half migrated copy can be thrown away.
 */
record Migrations(List<String> names) {
    /** What this program knows. A migration that was released is never edited; another one follows it. */
    static final Migrations KNOWN = new Migrations(List.of("V001__journal.sql"));

    private static final String CREATE_VERSION = """
            CREATE TABLE IF NOT EXISTS schema_version (
                version INTEGER PRIMARY KEY,
                name CHARACTER VARYING NOT NULL
            )
            """;
    private static final String RECORD_VERSION = "INSERT INTO schema_version (version, name) VALUES (?, ?)";
    private static final String READ_VERSION = "SELECT COALESCE(MAX(version), 0) FROM schema_version";

    int latest() {
        return names.size();
    }

    /** The version of a schema; fails where there is no schema at all. */
    static int versionOf(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                var result = statement.executeQuery(READ_VERSION)) {
            result.next();
            return result.getInt(1);
        }
    }

    void apply(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                var record = connection.prepareStatement(RECORD_VERSION)) {
            statement.execute(CREATE_VERSION);
            for (int version = versionOf(connection) + 1; version <= latest(); version++) {
                String name = names.get(version - 1);
                statement.execute(read(name));
                record.setInt(1, version);
                record.setString(2, name);
                record.executeUpdate();
                connection.commit();
            }
        }
    }

    private static String read(String name) {
        try (InputStream in = Migrations.class.getResourceAsStream("migration/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("migration " + name, e);
        }
    }
}
