package io.stillframe.db;

import java.io.IOException;
import java.nio.channels.FileChannel;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * The file system that H2 reaches its files by: {@code ordered:} before the path in any other of its file systems. Public
 * only because H2 makes the instances.
 */
public final class OrderedPath extends FilePathWrapper {
    private static final String SCHEME = "ordered";

    static {
        FilePath.register(new OrderedPath());
    }

    /** What stands before a path. */
    static String prefix() {
        return SCHEME + ":";
    }

    @Override
    public String getScheme() {
        return SCHEME;
    }

    @Override
    public FileChannel open(String mode) throws IOException {
        FileChannel base = getBase().open(mode);
        try {
            return new OrderedFile(base, !mode.equals("r"));
        } catch (IOException | RuntimeException e) {
            base.close();
            throw e;
        }
    }
}
