package io.stillframe.db;

import io.stillframe.db.JournalException.Kind;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * The journal's file, whole under its own name at every moment. Whatever takes several steps (creation, migration,
 * compaction) is done to {@code journal.new.mv.db}; when that is complete and on disk, it takes the name in one step. A
 * process killed anywhere in between leaves the old journal, or none, and a leftover that the next one overwrites. So a
 * file under the journal's name without a schema is damaged, never just new: H2 opens some damaged files as empty ones.
 *
 * <p>The caller holds the directory's {@link Lock}.
 */
final class JournalFile {
    private final Path directory;
    private final Path file;
    private final Path draft;
    private final Migrations migrations;

    JournalFile(Path directory, Migrations migrations) {
        this.directory = directory;
        this.file = directory.resolve("journal" + H2.SUFFIX);
        this.draft = directory.resolve("journal.new" + H2.SUFFIX);
        this.migrations = migrations;
    }

    Path path() {
        return file;
    }

    /** Makes sure that there is a journal of the present schema, and of a bearable size. */
    void prepare(long compactAbove) {
        try {
            if (Files.notExists(file)) {
                publish(this::createDraft);
            } else if (lookedAtVersion() < migrations.latest() || Files.size(file) > compactAbove) {
                publish(this::copyToDraft);
            }
        } catch (IOException e) {
            throw new JournalException(Kind.IO, "journal " + file + ": cannot be prepared: " + e, e);
        }
    }

    private int lookedAtVersion() {
        try (Connection connection = H2.look(file)) {
            int version = Migrations.versionOf(connection);
            if (version > migrations.latest()) {
                throw new JournalException(
                        Kind.NEWER,
                        "journal " + file + ": written by a newer program (schema " + version + ", this one knows "
                                + migrations.latest() + "); it was left as it is, and nothing can run",
                        null);
            }
            return version;
        } catch (SQLException e) {
            throw Failures.opening(file.toString(), e);
        }
    }

    private interface Draft {
        void write() throws SQLException;
    }

    private void publish(Draft content) throws IOException {
        Files.deleteIfExists(draft);
        try {
            content.write();
        } catch (SQLException e) {
            throw Failures.inUse("journal " + draft, e);
        }
        sync(draft);
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
        sync(directory);
    }

    private void createDraft() throws SQLException {
        try (Connection target = H2.create(draft)) {
            migrations.apply(target);
        }
    }

    private void copyToDraft() throws SQLException {
        try (Connection source = H2.look(file);
                Connection target = H2.create(draft)) {
            Copy.all(source, target);
            migrations.apply(target);
        }
    }

    private static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
