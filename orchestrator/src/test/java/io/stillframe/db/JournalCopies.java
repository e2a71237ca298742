package io.stillframe.db;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Fills a journal with machines that have lived as others did: all that it has of one is copied for another, under other ids
 * and names, at times that differ by some minutes. Step by step through the journal it would take a day.
 */
public final class JournalCopies implements AutoCloseable {
    private static final int MACHINES_A_COMMIT = 50;
    private static final String OF_RUN = " FROM run JOIN %1$s t ON t.run = run.id WHERE run.vm = ?";
    private static final String OF_JOB = " FROM job JOIN %1$s t ON t.job = job.id WHERE job.vm = ?";
    private static final String OF_MACHINE = " FROM %1$s t WHERE t.vm = ?";
    private static final List<String> VARIABLES = List.of("prefix", "vm", "of_name", "name", "shift");
    private static final String COLUMNS = """
            SELECT column_name, data_type, character_maximum_length FROM information_schema.columns
            WHERE table_schema = 'PUBLIC' AND table_name = UPPER(?) AND is_generated = 'NEVER' ORDER BY ordinal_position
            """;

    private final Connection connection;
    private final List<PreparedStatement> variables = new ArrayList<>();
    private final List<PreparedStatement> copies = new ArrayList<>();
    private int machines;

    private JournalCopies(Connection connection) throws SQLException {
        this.connection = connection;
        connection.setAutoCommit(false);
        for (String variable : VARIABLES) {
            variables.add(connection.prepareStatement("SET @%s = ?".formatted(variable)));
        }
        copies.add(copy("run", OF_MACHINE));
        for (String table : List.of("transition", "volume", "held", "evidence", "snapshot")) {
            copies.add(copy(table, OF_RUN));
        }
        copies.add(copy("head", OF_MACHINE));
        copies.add(copy("job", OF_MACHINE));
        copies.add(copy("job_change", OF_JOB));
    }

    /**
     * Into the journal of a directory.
     *
     * @param directory of a journal that nobody has open; it is whole again only when this is closed
     */
    public static JournalCopies into(Path directory) throws SQLException {
        Connection connection =
                Database.create(new LocalDisk(), directory.toAbsolutePath().resolve("journal" + Database.SUFFIX));
        try (Statement statement = connection.createStatement()) {
            // what is copied is right already; a page is written once it is full
            statement.execute("SET REFERENTIAL_INTEGRITY FALSE");
            statement.execute("SET CACHE_SIZE 524288");
            statement.execute("SET WRITE_DELAY 60000");
        }
        return new JournalCopies(connection);
    }

    /**
     * Copies what there is of a machine.
     *
     * @param prefix four characters, which take the place of the first four of every id
     * @param shift minutes by which all is later
     */
    public void copy(UUID vm, String vmName, UUID to, String toName, String prefix, int shift) throws SQLException {
        List<Object> values = List.of(prefix, to, vmName, toName, shift);
        for (int i = 0; i < values.size(); i++) {
            variables.get(i).setObject(1, values.get(i));
            variables.get(i).execute();
        }
        for (PreparedStatement copy : copies) {
            copy.setObject(1, vm);
            copy.executeUpdate();
        }
        machines++;
        if (machines % MACHINES_A_COMMIT == 0) {
            connection.commit();
        }
    }

    private PreparedStatement copy(String table, String from) throws SQLException {
        List<String> columns = new ArrayList<>();
        List<String> values = new ArrayList<>();
        try (PreparedStatement ask = connection.prepareStatement(COLUMNS)) {
            ask.setString(1, table);
            try (ResultSet column = ask.executeQuery()) {
                while (column.next()) {
                    columns.add(column.getString(1));
                    values.add(value("t." + column.getString(1), column.getString(2), column.getInt(3)));
                }
            }
        }
        return connection.prepareStatement("INSERT INTO %1$s (%2$s) SELECT %3$s"
                .concat(from)
                .formatted(table, String.join(", ", columns), String.join(", ", values)));
    }

    /** By its type alone: ids, and nothing else, have twelve characters. */
    private static String value(String column, String type, int length) {
        return switch (type) {
            case "UUID" -> "@vm";
            case "TIMESTAMP WITH TIME ZONE" -> "DATEADD(MINUTE, @shift, %s)".formatted(column);
            case "CHARACTER VARYING" ->
                (length == 12 ? "@prefix || SUBSTRING(%s FROM 5)" : "REPLACE(%s, @of_name, @name)").formatted(column);
            default -> column;
        };
    }

    @Override
    public void close() throws SQLException {
        connection.commit();
        try (connection;
                Statement statement = connection.createStatement()) {
            statement.execute("SET REFERENTIAL_INTEGRITY TRUE");
            statement.execute("CHECKPOINT SYNC");
        }
    }
}
