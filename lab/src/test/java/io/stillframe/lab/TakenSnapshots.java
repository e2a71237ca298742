package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.guest.Disk;
import io.stillframe.guest.Domain;
import io.stillframe.guest.Hypervisor;
import io.stillframe.guest.libvirt.LibvirtHypervisor;
import io.stillframe.lab.LabGuest.LabDisk;
import io.stillframe.lab.LabGuest.Records;
import io.stillframe.orchestrator.app.StoreOfDomain;
import io.stillframe.storage.Change;
import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Plan;
import io.stillframe.storage.Quiesce;
import io.stillframe.storage.Relatives;
import io.stillframe.storage.SnapshotStore;
import io.stillframe.storage.StorageDriver;
import io.stillframe.storage.Volume;
import io.stillframe.storage.VolumeSnapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The snapshots of a guest's first disk, with what each of them holds; it does what a journal would with changes. */
final class TakenSnapshots implements AutoCloseable {
    /** A snapshot's volume, and the guest's records in it when it was taken. */
    record Taken(VolumeSnapshot volume, Records records) {}

    private final LabGuest guest;
    private final LabDisk disk;
    private final Path directory;
    private final Hypervisor hypervisor = LibvirtHypervisor.open("qemu:///system", Duration.ofSeconds(30));
    private final Domain domain;
    private final List<Taken> taken = new ArrayList<>();
    private final Set<String> written = new LinkedHashSet<>();
    private int labels;

    TakenSnapshots(LabGuest guest, Path directory) {
        this.guest = guest;
        this.disk = guest.disks().get(0);
        this.directory = directory;
        this.domain = hypervisor.domain(guest.uuid().toString());
    }

    Hypervisor hypervisor() {
        return hypervisor;
    }

    Domain domain() {
        return domain;
    }

    Path views() {
        return directory.resolve("open");
    }

    SnapshotStore store(long bytesPerSecond) {
        return StoreOfDomain.of(hypervisor, domain, bytesPerSecond, views());
    }

    Taken at(int index) {
        return taken.get(index);
    }

    int count() {
        return taken.size();
    }

    /** Takes a snapshot of a running guest, whose agent freezes it meanwhile. */
    Taken take() {
        Disk now = domain.disks().get(0);
        Volume volume = new Volume(
                now.target(),
                now.sourceType(),
                now.source().orElseThrow(),
                now.format(),
                now.backing().size() + 1,
                true,
                now.cache());
        StorageDriver driver = StoreOfDomain.driver(hypervisor, domain);
        List<VolumeSnapshot> planned = driver.plan("sf-%012d".formatted(++labels), List.of(volume));
        assertThat(driver.prepare(planned)).isEqualTo(new Outcome.Done());
        guest.virsh("domfsfreeze");
        try {
            assertThat(driver.create(planned)).isEqualTo(new Outcome.Done());
        } finally {
            guest.virsh("domfsthaw");
        }
        assertThat(driver.verify(planned)).isEqualTo(new Outcome.AlreadyDone());
        VolumeSnapshot snapshot = planned.get(0);
        Records records = guest.records(disk, Path.of(snapshot.snapshot()));
        assertThat(records.missing()).isZero();
        taken.add(new Taken(snapshot, records));
        written.add(snapshot.active());
        return taken.get(taken.size() - 1);
    }

    /** So many, with a file of some MiB written between them. */
    TakenSnapshots take(int count, int mebibytes) {
        for (int i = 0; i < count; i++) {
            take();
            write(mebibytes);
        }
        return this;
    }

    void write(int mebibytes) {
        guest.shell("dd if=/dev/urandom of=/mnt/%s/more bs=1M count=%d conv=notrunc,fsync"
                .formatted(disk.target(), mebibytes));
        guest.awaitWriting();
    }

    Relatives relatives(int index) {
        return new Relatives(
                taken.stream()
                        .map(Taken::volume)
                        .filter(volume -> !volume.equals(taken.get(index).volume()))
                        .toList(),
                written,
                Set.of());
    }

    Change plan(int index) {
        Plan plan = store(0).planRemoval(taken.get(index).volume(), relatives(index));
        assertThat(plan).isInstanceOf(Plan.Ready.class);
        return ((Plan.Ready) plan).change();
    }

    /** Removes one, and goes on until it is done where an earlier attempt was cut short. */
    void remove(int index, Change change, long bytesPerSecond, Meter meter) {
        Await.until(
                "snapshot %d is removed".formatted(index),
                () -> isDone(store(bytesPerSecond).remove(taken.get(index).volume(), change, relatives(index), meter)));
        removed(index, change);
    }

    private static boolean isDone(Outcome outcome) {
        if (outcome instanceof Outcome.Refused refused) {
            throw new AssertionError(refused.reason());
        }
        return !(outcome instanceof Outcome.Indeterminate);
    }

    private void removed(int index, Change change) {
        taken.remove(index);
        taken.replaceAll(other -> other.volume().snapshot().equals(change.from())
                ? new Taken(
                        new VolumeSnapshot(
                                disk.target(),
                                "qcow2",
                                change.to(),
                                change.format(),
                                other.volume().active(),
                                Quiesce.NOTHING),
                        other.records())
                : other);
        assertThat(Path.of(change.from())).doesNotExist();
        assertThat(guest.definedImages()).isEqualTo(guest.activeImages());
        assertThat(guest.imageFiles()).hasSize(taken.size() + 1);
    }

    /** Every snapshot holds what it held, and every layer that can be checked is in order. */
    void areWhatTheyWere() {
        for (Taken each : taken) {
            Path image = Path.of(each.volume().snapshot());
            assertThat(guest.records(disk, image)).as("%s", image).isEqualTo(each.records());
            if (!each.volume().format().equals("raw")) {
                Tool.out("qemu-img", "check", "-q", "-U", "-f", each.volume().format(), image.toString());
            }
        }
    }

    /** Starts a program that removes a snapshot, to be killed. */
    Tool.Running removing(int index, Change change, long bytesPerSecond) {
        VolumeSnapshot volume = taken.get(index).volume();
        List<String> argv = Lab.java(StoreOfDomain.class.getName());
        argv.addAll(List.of(
                guest.uuid().toString(),
                String.valueOf(bytesPerSecond),
                views().toString(),
                volume.disk(),
                volume.snapshot(),
                volume.format(),
                volume.active(),
                change.from()));
        return Tool.start(argv);
    }

    /** Waits until a program that removes a snapshot has told how far it is. */
    static void isUnderWay(Tool.Running removing) {
        Await.until("the merge is under way", () -> {
            try {
                return !removing.process().isAlive() || Files.size(removing.out()) > 0;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    @Override
    public void close() {
        domain.close();
        hypervisor.close();
    }
}
