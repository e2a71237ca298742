package io.stillframe.db;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.h2.store.fs.FilePath;

/**
 * A directory of the machine's disk, and a tape of everything that a journal does to it. It waits for no disk; what a
 * sync would have settled is on the tape.
 */
final class TapedDisk implements Disk, AutoCloseable {
    private static final Map<String, TapedDisk> OPEN = new ConcurrentHashMap<>();

    static {
        FilePath.register(new TapedPath());
    }

    private final Disk local = new LocalDisk();
    private final Tape tape = new Tape();
    private final Path directory;

    /** What happens while a sync of a file waits: after it began, before it returns. */
    private Runnable during = () -> {};

    /** What the directory holds is on the disk already. */
    TapedDisk(Path directory) throws IOException {
        this.directory = directory;
        for (String name : new String[] {"journal.mv.db", "journal.new.mv.db"}) {
            if (Files.exists(directory.resolve(name))) {
                int file = tape.file(name);
                tape.write(file, 0, Files.readAllBytes(directory.resolve(name)));
                tape.syncFile(file, tape.position());
            }
        }
        tape.syncNames(tape.position());
        tape.begin();
        OPEN.put(directory.toString(), this);
    }

    static TapedDisk of(FilePath directory) {
        return OPEN.get(directory.unwrap().toString());
    }

    Tape tape() {
        return tape;
    }

    Runnable during() {
        return during;
    }

    void during(Runnable something) {
        during = something;
    }

    @Override
    public String scheme() {
        return TapedPath.SCHEME + ":";
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        local.rename(from, to);
        tape.rename(from.getFileName().toString(), to.getFileName().toString());
    }

    @Override
    public void deleteIfExists(Path file) throws IOException {
        local.deleteIfExists(file);
        tape.unlink(file.getFileName().toString());
    }

    @Override
    public void syncNames(Path names) {
        tape.syncNames(tape.position());
    }

    @Override
    public void close() {
        OPEN.remove(directory.toString());
    }
}
