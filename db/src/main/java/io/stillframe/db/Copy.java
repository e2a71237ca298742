package io.stillframe.db;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Copies a journal statement by statement. Slower than copying pages, and that is the point: only what can be read as
 * rows arrives, and what cannot be read stops the copy.
 */
final class Copy {
    private static final String TABLES =
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'PUBLIC' ORDER BY 1";

    private Copy() {}

    static void all(Connection source, Connection target) throws SQLException {
        try (Statement from = source.createStatement();
                Statement to = target.createStatement();
                ResultSet script = from.executeQuery("SCRIPT NOPASSWORDS NOSETTINGS")) {
            while (script.next()) {
                to.execute(script.getString(1));
            }
            target.commit();
        }
        if (!sizes(source).equals(sizes(target))) {
            throw new SQLException("the copy is incomplete: " + sizes(target) + " of " + sizes(source));
        }
    }

    private static List<String> sizes(Connection connection) throws SQLException {
        List<String> sizes = new ArrayList<>();
        try (Statement tables = connection.createStatement();
                Statement counting = connection.createStatement();
                ResultSet table = tables.executeQuery(TABLES)) {
            while (table.next()) {
                String name = table.getString(1);
                try (ResultSet count = counting.executeQuery("SELECT COUNT(*) FROM \"" + name + "\"")) {
                    count.next();
                    sizes.add(name + "=" + count.getLong(1));
                }
            }
        }
        return sizes;
    }
}
