package io.stillframe.storage.conformance;

import io.stillframe.storage.Change;
import io.stillframe.storage.SnapshotStore;
import io.stillframe.storage.StorageDriver;
import io.stillframe.storage.Volume;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.exec.Commands;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Real storage of one kind, of one machine. Everything in it that a test made goes with {@link #close}. */
interface Backend extends AutoCloseable {
    /** A driver as a new process would have it. */
    StorageDriver driver(Commands commands);

    /** A store as a new process would have it. */
    SnapshotStore store(Commands commands);

    /**
     * Makes a volume of so many bytes, all of them zero, and attaches it to the machine.
     *
     * @param disk the disk's name within the domain
     */
    Volume makeVolume(String disk, int size);

    /** The volume of a disk as the machine's definition names it now. */
    Volume volume(String disk);

    /** Writes to what the machine writes to, as QEMU would: what is not flushed may stay in a cache. */
    void write(String disk, int offset, byte[] bytes) throws IOException;

    /** Has what was written on stable storage, as QEMU does for the guest's flush. */
    void flush(String disk) throws IOException;

    /** Reads all that the machine would read. */
    byte[] read(String disk) throws IOException;

    /** Reads a clone's volume. */
    byte[] read(Change clone) throws IOException;

    /** Writes to a clone's volume. */
    void write(Change clone, int offset, byte[] bytes) throws IOException;

    /** Ends what holds the machine's volumes open, as QEMU's end does; the next read or write opens them again. */
    void powerOff() throws IOException;

    /** Has the definition name what a revert says; nothing to do where the volume stays where it is. */
    void redefine(Change revert);

    /** Puts something of somebody else where a snapshot, planned but not prepared, would be. */
    void makeForeign(VolumeSnapshot planned) throws IOException;

    /** Uses up the room for snapshots, all but too little for one; {@link #empty} undoes it. */
    void fill() throws IOException;

    void empty() throws IOException;

    /** A volume whose name is just short enough, and one whose name is too long. */
    LimitNames makeVolumesWithLimitNames();

    /** Volumes at the limit of names. */
    record LimitNames(Volume longest, Volume tooLong) {}

    /**
     * Everything there is on this storage, by name, and whatever is not as it should be: equal before and after where
     * nothing was left.
     */
    Set<String> inventory();

    /** The program that takes the snapshot, the one that a kill has to hit. */
    String tool();

    /** Whether a command changes something: what a kill can interrupt. */
    boolean changes(List<String> argv);

    /** Moments of the tool's work at which a kill hurts most, where they can be seen from outside. */
    List<Moment> moments(String disk);

    /**
     * Something that can be seen of a tool at work.
     *
     * @param name what is going on then
     * @param file which tells it
     * @param begins what the file begins with then
     */
    record Moment(String name, Path file, String begins) {
        @Override
        public String toString() {
            return name;
        }
    }

    @Override
    void close();
}
