package io.stillframe.guest;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The filesystems of a {@link FakeGuest}: which of them stand still, what the agent believes of that, and how much of
 * them has reached the disks. Its guest keeps the threads apart.
 */
final class FakeFilesystems {
    /** What a thaw writes at least: an ext4 commits its superblock, in a block of its own. */
    static final long BLOCK = 4096;

    /** By the names of Linux, then of Windows. */
    private static final Set<String> UNFREEZABLE = Set.of("vfat", "FAT32", "CDFS");

    private final List<GuestFilesystem> mounted = new ArrayList<>();
    private final Set<GuestFilesystem> frozen = new LinkedHashSet<>();
    private final Map<String, Long> written = new HashMap<>();
    private boolean flag;
    private boolean busy;
    private int most = Integer.MAX_VALUE;

    void mount(GuestFilesystem filesystem) {
        mounted.add(filesystem);
    }

    List<GuestFilesystem> mounted() {
        return List.copyOf(mounted);
    }

    void freezeAtMost(int count) {
        most = count;
    }

    /** From now on something goes on writing to whatever can be written to. */
    void keepBusy() {
        busy = true;
    }

    /** Freezes as the agent does, whose flag stays down where it froze nothing. */
    int freeze() {
        return freeze(FakeFilesystems::isFreezable);
    }

    int freeze(Predicate<GuestFilesystem> wanted) {
        frozen.clear();
        mounted.stream().filter(wanted).limit(most).forEach(frozen::add);
        flag = !frozen.isEmpty();
        return frozen.size();
    }

    int thaw() {
        flag = false;
        return thawBehindTheAgent();
    }

    /** Thaws all, whoever froze it; the agent is not told. */
    int thawBehindTheAgent() {
        int count = frozen.size();
        frozen.forEach(this::write);
        frozen.clear();
        return count;
    }

    /** Forgets all but what is on the disks: the machine was switched off. */
    void powerOff() {
        frozen.clear();
        written.clear();
        flag = false;
    }

    boolean anyFrozen() {
        return !frozen.isEmpty();
    }

    boolean allFrozen() {
        return anyFrozen()
                && frozen.containsAll(
                        mounted.stream().filter(FakeFilesystems::isFreezable).toList());
    }

    /** What the agent says. */
    boolean flag() {
        return flag;
    }

    /** Time passes for a machine that runs: what is busy and not frozen writes. */
    void runOn() {
        if (busy) {
            mounted.stream().filter(of -> !frozen.contains(of)).forEach(this::write);
        }
    }

    /** Bytes written to a disk since the machine was started. */
    long written(String target) {
        return written.getOrDefault(target, 0L);
    }

    private void write(GuestFilesystem filesystem) {
        filesystem.disks().forEach(target -> written.merge(target, BLOCK, Long::sum));
    }

    private static boolean isFreezable(GuestFilesystem filesystem) {
        return !UNFREEZABLE.contains(filesystem.type());
    }
}
