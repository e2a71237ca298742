package io.stillframe.orchestrator.simulation;

import io.stillframe.orchestrator.simulation.MemoryDisk.Content;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** A file of a {@link MemoryDisk}, opened: written at its end, read from its beginning. */
final class MemoryFile extends FileChannel {
    private final MemoryDisk disk;
    private final Content content;
    private final SimulatedProcess owner;
    private int position;

    MemoryFile(MemoryDisk disk, Content content) {
        this.disk = disk;
        this.content = content;
        this.owner = disk.gate().process();
    }

    /** Takes some of it, as a disk may: who is killed before the rest leaves a torn line. */
    @Override
    public int write(ByteBuffer from) throws IOException {
        disk.gate().call("write lease", () -> null);
        disk.requireRoom();
        byte[] some = new byte[Math.max(1, from.remaining() - from.remaining() / 8)];
        from.get(some);
        content.bytes.write(some, 0, some.length);
        return some.length;
    }

    @Override
    public void force(boolean metaData) {
        disk.gate().call("force lease", () -> null);
    }

    @Override
    public FileLock tryLock(long from, long length, boolean shared) {
        disk.gate().call("lock lease", () -> null);
        if (content.lockedBy == owner) {
            throw new OverlappingFileLockException();
        }
        if (content.lockedBy != null) {
            return null;
        }
        content.lockedBy = owner;
        return new Lock(this);
    }

    @Override
    public int read(ByteBuffer into) {
        ByteBuffer rest = MemoryDisk.view(content).position(position);
        int count = Math.min(into.remaining(), rest.remaining());
        if (count == 0) {
            return rest.hasRemaining() ? 0 : -1;
        }
        into.put(rest.limit(position + count));
        position += count;
        return count;
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public FileChannel position(long to) {
        position = (int) to;
        return this;
    }

    @Override
    public long size() {
        return content.bytes.size();
    }

    /** The owner's lock goes with any of its channels, as POSIX has it. */
    @Override
    protected void implCloseChannel() {
        if (content.lockedBy == owner) {
            content.lockedBy = null;
        }
    }

    private void unlock() {
        content.lockedBy = null;
    }

    @Override
    public int write(ByteBuffer from, long at) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int read(ByteBuffer into, long at) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long read(ByteBuffer[] into, int first, int count) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long write(ByteBuffer[] from, int first, int count) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileChannel truncate(long size) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long transferTo(long from, long count, WritableByteChannel to) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long transferFrom(ReadableByteChannel from, long at, long count) {
        throw new UnsupportedOperationException();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long from, long size) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileLock lock(long from, long size, boolean shared) {
        throw new UnsupportedOperationException();
    }

    /** A lock on all of it. */
    private static final class Lock extends FileLock {
        private final MemoryFile file;

        Lock(MemoryFile file) {
            super(file, 0, Long.MAX_VALUE, false);
            this.file = file;
        }

        @Override
        public boolean isValid() {
            return file.isOpen();
        }

        @Override
        public void release() {
            file.unlock();
        }
    }
}
