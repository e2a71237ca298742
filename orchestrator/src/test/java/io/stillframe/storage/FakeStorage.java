package io.stillframe.storage;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** A storage in memory: volumes by their names, each with its content, whoever is asking. It outlives every process. */
public final class FakeStorage {
    /** The content of a volume while something is being made of it. */
    public static final String MIXTURE = "a mixture";

    private final Map<String, String> volumes = new TreeMap<>();
    private final Set<String> open = new HashSet<>();
    private final Set<String> lost = new HashSet<>();
    private final List<Relatives> told = new ArrayList<>();
    private long free = Long.MAX_VALUE;

    public synchronized FakeStorage with(String volume, String content) {
        volumes.put(volume, content);
        return this;
    }

    /** There is room for so many bytes more; without it for any number. */
    public synchronized FakeStorage withRoom(long bytes) {
        free = bytes;
        return this;
    }

    synchronized long free() {
        return free;
    }

    /** The volume overflows: something of it is there, and its content is no more. */
    public synchronized void lose(String volume) {
        lost.add(volume);
    }

    public synchronized Optional<String> content(String volume) {
        return Optional.ofNullable(volumes.get(volume));
    }

    public synchronized List<String> volumes() {
        return List.copyOf(volumes.keySet());
    }

    public synchronized Set<String> open() {
        return Set.copyOf(open);
    }

    /** What the removals were told of the other snapshots. */
    public synchronized List<Relatives> told() {
        return List.copyOf(told);
    }

    /** As if the storage that it lies on were not there. */
    public synchronized void forget(String volume) {
        volumes.remove(volume);
    }

    public synchronized void bringBack(String volume) {
        lost.remove(volume);
    }

    synchronized boolean isLost(String volume) {
        return lost.contains(volume);
    }

    synchronized void remove(String volume) {
        volumes.remove(volume);
        lost.remove(volume);
    }

    synchronized void hold(String volume, boolean held) {
        if (held) {
            open.add(volume);
        } else {
            open.remove(volume);
        }
    }

    synchronized void tell(Relatives relatives) {
        told.add(relatives);
    }
}
