package io.stillframe.db;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import org.h2.store.fs.FileBaseDefault;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/** H2's way to a {@link TapedDisk}. H2 makes instances by itself, so that it is public. */
public final class TapedPath extends FilePathWrapper {
    static final String SCHEME = "taped";

    @Override
    public String getScheme() {
        return SCHEME;
    }

    @Override
    public FileChannel open(String mode) throws IOException {
        TapedDisk disk = TapedDisk.of(getParent());
        FileChannel file = getBase().open(mode);
        return new Channel(file, disk, disk.tape().file(getName()));
    }

    @Override
    public boolean createFile() {
        TapedDisk.of(getParent()).tape().file(getName());
        return super.createFile();
    }

    @Override
    public void delete() {
        TapedDisk.of(getParent()).tape().unlink(getName());
        super.delete();
    }

    @Override
    public void moveTo(FilePath to, boolean atomically) {
        TapedDisk.of(getParent()).tape().rename(getName(), to.getName());
        super.moveTo(to, atomically);
    }

    private static final class Channel extends FileBaseDefault {
        private final FileChannel base;
        private final TapedDisk disk;
        private final Tape tape;
        private final int file;

        Channel(FileChannel base, TapedDisk disk, int file) {
            this.base = base;
            this.disk = disk;
            this.tape = disk.tape();
            this.file = file;
        }

        @Override
        public synchronized int write(ByteBuffer source, long position) throws IOException {
            byte[] bytes = new byte[source.remaining()];
            source.duplicate().get(bytes);
            int written = base.write(source, position);
            if (written != bytes.length) {
                throw new IOException("written in parts");
            }
            tape.write(file, position, bytes);
            return written;
        }

        @Override
        protected void implTruncate(long length) throws IOException {
            base.truncate(length);
            tape.truncate(file, length);
        }

        /** Without the wait. */
        @Override
        public void force(boolean metaData) {
            int begin = tape.position();
            disk.during().run();
            tape.syncFile(file, begin);
        }

        @Override
        public synchronized int read(ByteBuffer target, long position) throws IOException {
            return base.read(target, position);
        }

        @Override
        public long size() throws IOException {
            return base.size();
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) throws IOException {
            return base.tryLock(position, size, shared);
        }

        @Override
        protected void implCloseChannel() throws IOException {
            base.close();
        }
    }
}
