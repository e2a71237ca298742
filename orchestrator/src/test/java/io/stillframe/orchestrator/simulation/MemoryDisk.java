package io.stillframe.orchestrator.simulation;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.spi.FileSystemProvider;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * The disk of a state directory: files in memory, in one directory. Whoever touches it goes through the {@link Gate}, so
 * that a killed process changes nothing; locks go with the process that holds them.
 */
final class MemoryDisk extends FileSystemProvider {
    static final String ROOT = "/state";

    /** What a file holds, and whose lock is on it. */
    static final class Content {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        SimulatedProcess lockedBy;
    }

    private final Map<String, Content> files = new TreeMap<>();
    private final Set<String> directories = new TreeSet<>();
    private final Gate gate;
    private final Consumer<String> onRemoval;
    private boolean full;

    /** @param onRemoval told what a file held that is removed */
    MemoryDisk(Gate gate, Consumer<String> onRemoval) {
        this.gate = gate;
        this.onRemoval = onRemoval;
    }

    Path root() {
        return new MemoryPath(this, ROOT);
    }

    /** From now on nothing can be written, or it can again. */
    void full(boolean now) {
        full = now;
    }

    boolean isFull() {
        return full;
    }

    /** The kernel lets go of what a process had locked. */
    void unlock(SimulatedProcess process) {
        files.values().stream().filter(of -> of.lockedBy == process).forEach(of -> of.lockedBy = null);
    }

    /** The files whose name ends like this, as text. */
    List<String> texts(String suffix) {
        return files.entrySet().stream()
                .filter(file -> file.getKey().endsWith(suffix))
                .map(file -> file.getValue().bytes.toString(StandardCharsets.UTF_8))
                .toList();
    }

    Gate gate() {
        return gate;
    }

    void requireRoom() throws IOException {
        if (full) {
            throw new IOException("No space left on device");
        }
    }

    @Override
    public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        gate.requireAlive();
        if (directories.contains(path.toString())) {
            return new MemoryFile(this, new Content());
        }
        Content content = files.get(path.toString());
        if (content == null) {
            if (!options.contains(StandardOpenOption.CREATE)) {
                throw new NoSuchFileException(path.toString());
            }
            requireRoom();
            content = new Content();
            files.put(path.toString(), content);
        }
        return new MemoryFile(this, content);
    }

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        return newFileChannel(path, options, attributes);
    }

    @Override
    public void createDirectory(Path directory, FileAttribute<?>... attributes) throws IOException {
        gate.requireAlive();
        if (directories.contains(directory.toString())) {
            throw new FileAlreadyExistsException(directory.toString());
        }
        requireRoom();
        directories.add(directory.toString());
    }

    @Override
    public void delete(Path path) throws IOException {
        gate.call("delete " + ((MemoryPath) path).kind(), () -> null);
        Content removed = files.remove(path.toString());
        if (removed == null) {
            throw new NoSuchFileException(path.toString());
        }
        onRemoval.accept(removed.bytes.toString(StandardCharsets.UTF_8));
    }

    @Override
    @SuppressWarnings("unchecked")
    public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
            throws IOException {
        gate.requireAlive();
        boolean directory = directories.contains(path.toString());
        Content content = files.get(path.toString());
        if (content == null && !directory) {
            throw new NoSuchFileException(path.toString());
        }
        return (A) new MemoryAttributes(directory, directory ? 0 : content.bytes.size());
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path directory, DirectoryStream.Filter<? super Path> filter)
            throws IOException {
        gate.requireAlive();
        if (!directories.contains(directory.toString())) {
            throw new NoSuchFileException(directory.toString());
        }
        List<Path> listed = files.keySet().stream()
                .map(name -> (Path) new MemoryPath(this, name))
                .toList();
        return new DirectoryStream<>() {
            @Override
            public Iterator<Path> iterator() {
                return listed.iterator();
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        return new MemoryFileSystem(this);
    }

    @Override
    public String getScheme() {
        return "memory";
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Path getPath(URI uri) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void copy(Path source, Path target, CopyOption... options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void move(Path source, Path target, CopyOption... options) throws IOException {
        gate.call("rename " + ((MemoryPath) target).kind(), () -> null);
        Content moved = files.remove(source.toString());
        if (moved == null) {
            throw new NoSuchFileException(source.toString());
        }
        files.put(target.toString(), moved);
    }

    @Override
    public boolean isSameFile(Path one, Path other) {
        return one.equals(other);
    }

    @Override
    public boolean isHidden(Path path) {
        return false;
    }

    @Override
    public FileStore getFileStore(Path path) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        readAttributes(path, BasicFileAttributes.class);
    }

    @Override
    public <V extends FileAttributeView> V getFileAttributeView(Path path, Class<V> type, LinkOption... options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options) {
        throw new UnsupportedOperationException();
    }

    static ByteBuffer view(Content content) {
        return ByteBuffer.wrap(content.bytes.toByteArray());
    }
}
