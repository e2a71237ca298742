package io.stillframe.db;

import static io.stillframe.db.Sample.AT;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScheduleDatabaseTest {
    private static final String TABLES = "CREATE TABLE due (policy VARCHAR); CREATE INDEX due_policy ON due (policy);";

    @TempDir
    private Path directory;

    @Test
    void what_was_committed_is_found_again() throws Exception {
        try (ScheduleDatabase database = open()) {
            execute(database, "INSERT INTO due VALUES ('nightly')");
        }
        try (ScheduleDatabase database = open()) {
            assertThat(count(database)).isOne();
        }
    }

    @Test
    void connections_see_what_others_have_committed() throws Exception {
        try (ScheduleDatabase database = open();
                Connection other = (Connection) database.connection()) {
            execute(database, "INSERT INTO due VALUES ('nightly')");
            assertThat(other.isClosed()).isFalse();
            assertThat(count(database)).isOne();
        }
    }

    @Test
    void what_cannot_be_read_is_set_aside_and_it_begins_anew() throws Exception {
        Path file = directory.resolve("schedule.mv.db");
        Files.writeString(file, "no database at all".repeat(1000));
        try (ScheduleDatabase database = open()) {
            assertThat(count(database)).isZero();
        }
        assertThat(directory.resolve("schedule.mv.db.unreadable-20260301T120000Z"))
                .content()
                .startsWith("no database at all");
    }

    @Test
    void tables_that_were_not_made_to_the_end_are_made_anew() throws Exception {
        try (ScheduleDatabase database = open()) {
            execute(database, "INSERT INTO due VALUES ('nightly')");
            execute(database, "DROP TABLE stillframe_made_of");
        }
        try (ScheduleDatabase database = open()) {
            assertThat(count(database)).isZero();
        }
    }

    @Test
    void another_programs_tables_are_made_anew() throws Exception {
        ScheduleDatabase.open(directory, "CREATE TABLE due (policy INT);", AT).close();
        try (ScheduleDatabase database = open()) {
            execute(database, "INSERT INTO due VALUES ('nightly')");
        }
    }

    @Test
    void one_that_h2_has_given_up_is_worn_and_can_be_closed_and_opened_again() throws Exception {
        try (ScheduleDatabase database = open()) {
            execute(database, "INSERT INTO due VALUES ('nightly')");
            assertThat(database.isWorn()).isFalse();
            execute(database, "SHUTDOWN IMMEDIATELY");
            assertThat(database.isWorn()).isTrue();
        }
        try (ScheduleDatabase database = open()) {
            assertThat(count(database)).isOne();
        }
    }

    private ScheduleDatabase open() {
        return ScheduleDatabase.open(directory, TABLES, AT);
    }

    private static void execute(ScheduleDatabase database, String sql) throws SQLException {
        try (Connection connection = (Connection) database.connection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static int count(ScheduleDatabase database) throws SQLException {
        try (Connection connection = (Connection) database.connection();
                Statement statement = connection.createStatement();
                ResultSet count = statement.executeQuery("SELECT COUNT(*) FROM due")) {
            count.next();
            return count.getInt(1);
        }
    }
}
