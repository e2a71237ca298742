package io.stillframe.orchestrator.workflow;

import io.stillframe.db.Evidence;
import io.stillframe.db.Filesystem;
import io.stillframe.guest.GuestAgent;
import io.stillframe.guest.GuestFilesystem;
import io.stillframe.storage.VolumeSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What a freeze of this guest has to achieve, or why there will be none.
 *
 * @param freezes whether a freeze will be attempted
 * @param held the filesystems that it must freeze, each once
 * @param beyond filesystems that no freeze can hold, as {@code type at mountpoint}
 * @param vss what holds besides where it is Windows that freezes; empty elsewhere
 * @param reason why nothing is frozen; empty otherwise
 */
record FreezePlan(boolean freezes, List<Filesystem> held, List<String> beyond, Optional<Vss> vss, String reason) {
    /** No {@code freeze_fs} in the kernel's driver: FIFREEZE answers EOPNOTSUPP, and the agent does not count them. */
    private static final Set<String> UNFREEZABLE =
            Set.of("vfat", "msdos", "exfat", "iso9660", "udf", "squashfs", "erofs", "ntfs", "ntfs3", "fuseblk");

    /** By the names that Linux and Windows give them; see the readers of {@code proof.filesystem}. */
    private static final Set<String> COMMITTED = Set.of("btrfs", "NTFS", "xfs");

    static FreezePlan none(String reason) {
        return new FreezePlan(false, List.of(), List.of(), Optional.empty(), reason);
    }

    /** The agent freezes each device once, however often it is mounted. */
    static FreezePlan of(List<GuestFilesystem> filesystems) {
        return of(filesystems, filesystem -> !UNFREEZABLE.contains(filesystem.type()));
    }

    private static FreezePlan of(List<GuestFilesystem> filesystems, Predicate<GuestFilesystem> freezable) {
        Map<String, Filesystem> held = new LinkedHashMap<>();
        List<String> beyond = new ArrayList<>();
        for (GuestFilesystem filesystem : filesystems) {
            if (freezable.test(filesystem)) {
                held.putIfAbsent(
                        filesystem.device(),
                        new Filesystem(
                                filesystem.mountpoint(), filesystem.device(), filesystem.type(), filesystem.disks()));
            } else {
                beyond.add(filesystem.type() + " at " + filesystem.mountpoint());
            }
        }
        return new FreezePlan(true, List.copyOf(held.values()), List.copyOf(beyond), Optional.empty(), "");
    }

    /**
     * The same for a guest with Windows. An agent that can be told the volumes is told them, by their GUID paths, for some
     * have no other name. One that cannot takes every fixed drive, and fails where VSS takes any one of them not; its count
     * is another one where there are volumes that are none of these.
     *
     * @param byName whether the agent can be told
     */
    static FreezePlan byVss(List<GuestFilesystem> filesystems, boolean byName) {
        FreezePlan plan = of(filesystems, filesystem -> Vss.holds(filesystem.type()));
        List<String> names = plan.held.stream().map(Filesystem::device).toList();
        boolean told = byName && names.size() <= GuestAgent.MAX_MOUNTPOINTS;
        return new FreezePlan(true, plan.held, plan.beyond, Optional.of(new Vss(told ? names : List.of())), "");
    }

    /** What the agent is told to freeze; empty where it freezes all that it can. */
    List<String> volumes() {
        return vss.map(Vss::volumes).orElse(List.of());
    }

    /** The longest that such a guest's freeze holds, whatever is asked for; empty where it holds until the thaw. */
    Optional<Duration> hold() {
        return vss.map(windows -> Vss.HOLD);
    }

    /** How many filesystems it must freeze. */
    int expected() {
        return held.size();
    }

    /** The disks that hold a filesystem which can be frozen, as far as that is known. */
    Set<String> disks() {
        return held.stream().flatMap(of -> of.disks().stream()).collect(Collectors.toUnmodifiableSet());
    }

    /** Those that look the same on the disk at rest and between two commits: what is written to them is counted. */
    List<Filesystem> toBeWatched() {
        return held.stream().filter(of -> COMMITTED.contains(of.type())).toList();
    }

    /**
     * What is known before: that nothing will be frozen, or what of a snapshot the freeze does not reach, filesystems that
     * cannot be frozen and disks without one that can.
     */
    List<Evidence> beforehand(List<VolumeSnapshot> volumes) {
        if (!freezes) {
            return List.of(new Evidence("freeze", false, "not attempted: " + reason));
        }
        List<Evidence> uncovered = new ArrayList<>();
        vss.map(Vss::looksAt).ifPresent(uncovered::add);
        beyond.forEach(filesystem -> uncovered.add(
                new Evidence("unfreezable", true, filesystem + " cannot be frozen; nothing is claimed of it")));
        volumes.stream()
                .map(VolumeSnapshot::disk)
                .filter(disk -> !disks().contains(disk))
                .forEach(disk -> uncovered.add(new Evidence(
                        "coverage",
                        true,
                        "no frozen filesystem is known to lie on %s; nothing is claimed of it".formatted(disk))));
        return uncovered;
    }
}
