package io.stillframe.storage.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.storage.Outcome.AlreadyDone;
import io.stillframe.storage.Outcome.Done;
import io.stillframe.storage.Presence;
import io.stillframe.storage.SnapshotStore;
import io.stillframe.storage.StorageDriver;
import io.stillframe.storage.Volume;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.exec.Commands;
import io.stillframe.storage.exec.LocalCommands;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What the suites share: a machine with one disk on the driver's storage. */
abstract class Suite {
    static final Commands COMMANDS = new LocalCommands();

    Backend backend;
    Disk disk;
    Set<String> before;

    abstract Backend make();

    @BeforeEach
    void machine() {
        backend = make();
        disk = Disk.make(backend, "vda");
        before = backend.inventory();
    }

    @AfterEach
    void end() {
        backend.close();
    }

    StorageDriver driver() {
        return backend.driver(COMMANDS);
    }

    SnapshotStore store() {
        return backend.store(COMMANDS);
    }

    List<VolumeSnapshot> plan(Disk... disks) {
        return driver().plan(Labels.next(), volumes(disks));
    }

    List<Volume> volumes(Disk... disks) {
        return Stream.of(disks).map(each -> backend.volume(each.name())).toList();
    }

    /** A run, up to its end, through one driver object as the workflow has it. */
    List<VolumeSnapshot> take(Disk... disks) {
        StorageDriver driver = driver();
        List<VolumeSnapshot> planned = driver.plan(Labels.next(), volumes(disks));
        assertThat(driver.prepare(planned)).isInstanceOfAny(Done.class, AlreadyDone.class);
        take(driver, planned);
        return planned;
    }

    void take(StorageDriver driver, List<VolumeSnapshot> planned) {
        assertThat(driver.quiesce(planned)).isInstanceOfAny(Done.class, AlreadyDone.class);
        assertThat(driver.create(planned)).isEqualTo(new Done());
        assertThat(driver.update(planned)).isInstanceOfAny(Done.class, AlreadyDone.class);
        assertThat(driver.verify(planned)).isInstanceOfAny(Done.class, AlreadyDone.class);
        assertThat(driver.find(planned)).isEqualTo(Presence.PRESENT);
    }

    VolumeSnapshot takeOne() {
        return take(disk).get(0);
    }

    byte[] content(VolumeSnapshot snapshot) {
        return Disk.content(store(), snapshot);
    }

    void assertNothingLeft() {
        assertThat(backend.inventory()).isEqualTo(before);
    }
}
