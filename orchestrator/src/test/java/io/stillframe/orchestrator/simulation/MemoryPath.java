package io.stillframe.orchestrator.simulation;

import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;

/** A name on a {@link MemoryDisk}; absolute and normal, whatever it is. */
record MemoryPath(MemoryDisk disk, String name) implements Path {
    /** What of a lease it is: its suffix. */
    String kind() {
        return name.substring(name.lastIndexOf('.') + 1);
    }

    @Override
    public FileSystem getFileSystem() {
        return new MemoryFileSystem(disk);
    }

    @Override
    public Path resolve(Path other) {
        return resolve(other.toString());
    }

    @Override
    public Path resolve(String other) {
        return new MemoryPath(disk, name + "/" + other);
    }

    @Override
    public Path getFileName() {
        return new MemoryPath(disk, name.substring(name.lastIndexOf('/') + 1));
    }

    @Override
    public Path getParent() {
        return new MemoryPath(disk, name.substring(0, name.lastIndexOf('/')));
    }

    @Override
    public boolean isAbsolute() {
        return true;
    }

    @Override
    public Path toAbsolutePath() {
        return this;
    }

    @Override
    public Path toRealPath(LinkOption... options) {
        return this;
    }

    @Override
    public Path normalize() {
        return this;
    }

    @Override
    public int compareTo(Path other) {
        return name.compareTo(other.toString());
    }

    @Override
    public String toString() {
        return name;
    }

    @Override
    public Path getRoot() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int getNameCount() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Path getName(int index) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Path subpath(int begin, int end) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean startsWith(Path other) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean endsWith(Path other) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Path relativize(Path other) {
        throw new UnsupportedOperationException();
    }

    @Override
    public URI toUri() {
        throw new UnsupportedOperationException();
    }

    @Override
    public WatchKey register(WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
        throw new UnsupportedOperationException();
    }
}
