package io.stillframe.orchestrator.evidence;

import io.stillframe.db.Evidence;
import io.stillframe.db.Filesystem;
import io.stillframe.orchestrator.evidence.DiskFinding.Examined;
import io.stillframe.orchestrator.evidence.DiskFinding.Unread;
import io.stillframe.orchestrator.proof.DiskProof;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a snapshot's disks say of the freeze under which it was taken. Every filesystem that the freeze had to hold is
 * looked for, by disk and place where the guest's names tell them, otherwise by its kind, the worst one first; what is not
 * there, or not at rest, is a doubt. So is whatever else was in use at that moment: the guest has not told of it, and no
 * freeze held it. What no freeze reaches is told and nothing more.
 */
public final class Testimony {
    /** The check that nothing was written between the freeze and the snapshot, as QEMU counts it. */
    public static final String STANDSTILL = "standstill";

    /**
     * The check that a hook in the guest held its application, of which no disk can tell. One that is not in order costs the
     * class {@code application}, and no other.
     */
    public static final String HOOK = "hook";

    /** A guest can make as many volumes as it likes; all are weighed, so many are told. */
    private static final int MOST_TOLD = 32;

    private final Map<String, DiskFinding> disks;
    private final boolean stoodStill;
    private final List<Found> left = new ArrayList<>();

    /**
     * Of these disks.
     *
     * @param disks by their names in the machine's definition
     * @param stoodStill whether nothing was written between the freeze and the snapshot, as QEMU counts it
     */
    public Testimony(Map<String, DiskFinding> disks, boolean stoodStill) {
        this.disks = disks;
        this.stoodStill = stoodStill;
        disks.forEach((disk, finding) -> {
            if (finding instanceof Examined examined) {
                examined.proof().volumes().forEach(volume -> left.add(new Found(disk, volume)));
            }
        });
    }

    /** All of it: of the disks, of what had to be held, of what lies beside. To be asked once. */
    public List<Evidence> of(List<Filesystem> held) {
        List<Evidence> evidence = new ArrayList<>();
        disks.forEach((disk, finding) -> evidence.add(cost(disk, finding)));
        if (held.isEmpty()) {
            evidence.add(new Evidence("filesystem", false, "which filesystems had to be frozen is not known"));
        }
        Map<Filesystem, Evidence> found = new HashMap<>();
        held.stream().sorted(Comparator.comparing(Testimony::vagueness)).forEach(of -> found.put(of, lookedFor(of)));
        held.forEach(of -> evidence.add(found.get(of)));
        evidence.addAll(beside());
        return evidence;
    }

    /** What the disks hold, where nothing is claimed of it: only a disk that cannot be read is a doubt. To be asked once. */
    public List<Evidence> ofAnything() {
        List<Evidence> evidence = new ArrayList<>();
        disks.forEach((disk, finding) -> evidence.add(cost(disk, finding)));
        left.stream().limit(MOST_TOLD).forEach(found -> evidence.add(new Evidence("found", true, found.toString())));
        return evidence;
    }

    private static Evidence cost(String disk, DiskFinding finding) {
        if (finding instanceof Unread unread) {
            return new Evidence("disk", false, "%s could not be read: %s".formatted(disk, unread.reason()));
        }
        DiskProof proof = ((Examined) finding).proof();
        String remarks = proof.remarks().isEmpty() ? "" : "; " + String.join("; ", proof.remarks());
        return new Evidence(
                "disk",
                true,
                "%s: %d bytes in %d reads, %d ms%s"
                        .formatted(
                                disk,
                                proof.bytesRead(),
                                proof.reads(),
                                proof.took().toMillis(),
                                remarks));
    }

    /** Who is told most exactly chooses first. */
    private static int vagueness(Filesystem of) {
        return (of.disks().isEmpty() ? 2 : 0) + (new GuestDevice(of.device()).tellsPlace() ? 0 : 1);
    }

    private Evidence lookedFor(Filesystem of) {
        if (!of.disks().isEmpty() && of.disks().stream().noneMatch(disks::containsKey)) {
            return new Evidence(
                    "filesystem",
                    true,
                    "%s: it lies on %s, which the snapshot does not have; nothing is claimed of it"
                            .formatted(named(of), String.join(", ", of.disks())));
        }
        return left.stream()
                .filter(found -> found.canBe(of))
                .max(Comparator.comparing(Found::doubt))
                .map(found -> {
                    left.remove(found);
                    return judged(of, found);
                })
                .orElseGet(() -> new Evidence(
                        "filesystem", false, named(of) + ": no such filesystem was found where it has to be"));
    }

    private Evidence judged(Filesystem of, Found found) {
        if (found.canLookSoInUse() && !stoodStill) {
            return new Evidence(
                    "filesystem",
                    false,
                    "%s: %s; one that is written to can look the same, and that nothing was written is not known"
                            .formatted(named(of), found));
        }
        return new Evidence("filesystem", found.isClean(), named(of) + ": " + found);
    }

    private List<Evidence> beside() {
        List<Evidence> evidence = new ArrayList<>();
        left.stream()
                .filter(Found::wasInUse)
                .limit(MOST_TOLD)
                .forEach(found -> evidence.add(new Evidence(
                        "beside", false, found + "; it was in use, and the freeze was not known to reach it")));
        left.stream()
                .filter(found -> !found.wasInUse())
                .limit(MOST_TOLD)
                .forEach(found -> evidence.add(new Evidence("beside", true, found + "; nothing is claimed of it")));
        return evidence;
    }

    private static String named(Filesystem of) {
        return "%s at %s (%s)".formatted(of.type(), of.mountpoint(), of.device());
    }
}
