package io.stillframe.orchestrator.workflow;

import io.stillframe.guest.Disk;
import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainState;
import io.stillframe.storage.Probe;
import io.stillframe.storage.StorageDriver;
import io.stillframe.storage.Volume;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which disks a snapshot covers, which it leaves out and why, and which cannot be snapshotted. */
final class DiskExamination {
    private final List<Check> checks = new ArrayList<>();
    private final Map<Volume, StorageDriver> drivers = new LinkedHashMap<>();

    private final List<StorageDriver> candidates;

    private DiskExamination(List<StorageDriver> candidates) {
        this.candidates = candidates;
    }

    static DiskExamination of(Domain domain, List<StorageDriver> candidates, Set<String> excluded) {
        DiskExamination examination = new DiskExamination(candidates);
        settle(domain);
        List<Disk> disks = domain.disks();
        examination.unknown(excluded, disks);
        disks.forEach(disk -> examination.disk(disk, excluded.contains(disk.target())));
        if (examination.drivers.isEmpty() && examination.checks.stream().noneMatch(DiskExamination::failed)) {
            examination.checks.add(Check.fail(
                    ErrorCode.NO_DISK,
                    "disks",
                    "the machine has no writable disk to take a snapshot of",
                    "see 'virsh domblklist'"));
        }
        return examination;
    }

    /**
     * What a process that is no more told libvirt may still be under way, a merge's end for one: libvirt answers for a job
     * when it is through, and the disks that are read afterwards are those that there are.
     */
    private static void settle(Domain domain) {
        if (domain.state() != DomainState.SHUT_OFF) {
            domain.disks().stream()
                    .filter(disk -> disk.device().equals("disk"))
                    .findFirst()
                    .ifPresent(disk -> domain.blockJob(disk.target()));
        }
    }

    List<Check> checks() {
        return List.copyOf(checks);
    }

    /** In the drivers' order, whatever the disks': what is hardest to take back comes last. */
    Map<StorageDriver, List<Volume>> volumes() {
        Map<StorageDriver, List<Volume>> volumes = new LinkedHashMap<>();
        for (StorageDriver candidate : candidates) {
            List<Volume> its = drivers.keySet().stream()
                    .filter(volume -> drivers.get(volume) == candidate)
                    .toList();
            if (!its.isEmpty()) {
                volumes.put(candidate, its);
            }
        }
        return volumes;
    }

    private void unknown(Set<String> excluded, List<Disk> disks) {
        List<String> targets = disks.stream().map(Disk::target).toList();
        excluded.stream()
                .filter(target -> !targets.contains(target))
                .sorted()
                .forEach(target -> checks.add(Check.fail(
                        ErrorCode.DISK,
                        "disk " + target,
                        "the machine has no such disk, it has " + String.join(", ", targets),
                        "correct --exclude")));
    }

    private void disk(Disk disk, boolean excluded) {
        String check = "disk " + disk.target();
        if (excluded) {
            checks.add(Check.warn(check, "left out as asked", ""));
        } else if (disk.readOnly() || disk.device().equals("cdrom")) {
            checks.add(Check.ok(check, "left out: it is read-only"));
        } else if (disk.device().equals("floppy") && disk.source().isEmpty()) {
            checks.add(Check.ok(check, "left out: it is empty"));
        } else {
            probe(check, volume(disk));
        }
    }

    private void probe(String check, Volume volume) {
        for (StorageDriver driver : candidates) {
            Probe probe = driver.probe(volume);
            if (probe instanceof Probe.Usable usable) {
                drivers.put(volume, driver);
                checks.add(
                        usable.warnings().isEmpty()
                                ? Check.ok(check, "%s by the %s driver".formatted(volume.source(), driver.name()))
                                : Check.warn(
                                        check,
                                        String.join("; ", usable.warnings()),
                                        "see docs/drivers.md; where space is short, remove old snapshots with 'stillframe delete'"));
                return;
            }
            if (probe instanceof Probe.Unusable unusable) {
                checks.add(Check.fail(ErrorCode.DISK, check, unusable.reason(), unusable.hint()));
                return;
            }
        }
        checks.add(Check.fail(
                ErrorCode.DISK,
                check,
                "no driver knows this backend: a '%s' disk of format '%s'".formatted(volume.kind(), volume.format()),
                "leave it out with --exclude %s; the snapshot will not contain it".formatted(volume.disk())));
    }

    private static Volume volume(Disk disk) {
        return new Volume(
                disk.target(),
                disk.device().equals("lun") ? "lun" : disk.sourceType(),
                disk.source().orElse(""),
                disk.format(),
                1 + disk.backing().size(),
                disk.exclusive(),
                disk.cache());
    }

    private static boolean failed(Check check) {
        return check.status() == Check.Status.FAIL;
    }
}
