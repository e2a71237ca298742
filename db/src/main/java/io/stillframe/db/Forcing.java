package io.stillframe.db;

import io.stillframe.db.Chain.Mark;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * A second descriptor of an {@link OrderedFile}, for {@link Journal#force}: H2's own checkpoint would hold its lock while
 * it waits for the disk. It notes in the file what it knows to be there.
 */
final class Forcing implements Closeable {
    private final FileChannel file;
    private final Chain chain;
    private Mark claimed;

    private Forcing(FileChannel file) throws IOException {
        this.file = file;
        this.chain = Chain.fromMark(file);
        this.claimed = chain.mark();
    }

    static Forcing open(Disk disk, Path path) throws IOException {
        FileChannel file = disk.open(path);
        try {
            return new Forcing(file);
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /** Waits until everything that was written before is on the disk. Several threads may wait at a time. */
    void force() throws IOException {
        Mark written = written();
        file.force(true);
        claim(written);
    }

    /** A record that is just being written is not whole, and left to the next time. */
    private synchronized Mark written() throws IOException {
        chain.follow((position, length, place) -> {});
        return chain.mark();
    }

    private synchronized void claim(Mark forced) throws IOException {
        if (forced.end() > claimed.end()) {
            chain.claim(forced);
            claimed = forced;
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
