package io.stillframe.db;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What was done to a disk, in order. A file is a number, for its name may come to stand for another one. */
final class Tape {
    /** One thing done. */
    sealed interface Entry {}

    record Link(String name, int file) implements Entry {}

    record Rename(String from, String to, int file) implements Entry {}

    record Unlink(String name) implements Entry {}

    record Write(int file, int offset, ByteBuffer bytes) implements Entry {}

    record Truncate(int file, long length) implements Entry {}

    /** Returned: what had been done to the file before the entry {@code begin} is on the disk. */
    record SyncFile(int file, int begin) implements Entry {}

    /** The same, of the names. */
    record SyncNames(int begin) implements Entry {}

    private final List<Entry> entries = new ArrayList<>();
    private final Map<String, Integer> names = new HashMap<>();
    private int files;
    private int beginning;

    /** What is on the tape by now has been before, and was synced. */
    synchronized void begin() {
        beginning = entries.size();
    }

    synchronized int beginning() {
        return beginning;
    }

    synchronized int position() {
        return entries.size();
    }

    synchronized Entry entry(int position) {
        return entries.get(position);
    }

    /** The number of the file that has the name; a new file where none has it. */
    synchronized int file(String name) {
        return names.computeIfAbsent(name, created -> {
            entries.add(new Link(name, files));
            return files++;
        });
    }

    synchronized void rename(String from, String to) {
        int file = names.remove(from);
        names.put(to, file);
        entries.add(new Rename(from, to, file));
    }

    synchronized void unlink(String name) {
        if (names.remove(name) != null) {
            entries.add(new Unlink(name));
        }
    }

    synchronized void write(int file, long offset, byte[] bytes) {
        entries.add(new Write(file, Math.toIntExact(offset), ByteBuffer.wrap(bytes)));
    }

    synchronized void truncate(int file, long length) {
        entries.add(new Truncate(file, length));
    }

    synchronized void syncFile(int file, int begin) {
        entries.add(new SyncFile(file, begin));
    }

    synchronized void syncNames(int begin) {
        entries.add(new SyncNames(begin));
    }
}
