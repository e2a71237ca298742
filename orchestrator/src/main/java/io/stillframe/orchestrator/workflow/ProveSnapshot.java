package io.stillframe.orchestrator.workflow;

import io.stillframe.db.Consistency;
import io.stillframe.db.Evidence;
import io.stillframe.db.Intent;
import io.stillframe.db.Journal;
import io.stillframe.db.JournalException;
import io.stillframe.db.Run;
import io.stillframe.guest.Domain;
import io.stillframe.orchestrator.evidence.DiskFinding;
import io.stillframe.orchestrator.evidence.ReadDisk;
import io.stillframe.orchestrator.evidence.Testimony;
import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.SnapshotStore;
import io.stillframe.storage.View;
import io.stillframe.storage.VolumeSnapshot;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the snapshot's own disks whether the freeze held, once the guest is released. Whatever goes wrong with them is a doubt
 * and no failure.
 *
 * <p>Crash argument: that the disks are going to be opened is journaled before they are, as with every opening. A run that
 * ends in here is still RELEASED, and whoever takes it up closes the same views before it does anything else: what is open
 * cannot be taken back.
 */
final class ProveSnapshot {
    private static final Logger LOG = LoggerFactory.getLogger(ProveSnapshot.class);

    private final Journal journal;
    private final Machines machines;
    private final Clock clock;
    private final ReadDisk readDisk;

    ProveSnapshot(Journal journal, Machines machines, Clock clock, Timing timing) {
        this.journal = journal;
        this.machines = machines;
        this.clock = clock;
        this.readDisk = new ReadDisk(timing);
    }

    /**
     * Weighs what the disks say with what is known already. They are not asked where that is no more than {@code crash}: no
     * disk could make more of it.
     *
     * @throws JournalException when it cannot be journaled that they are opened
     */
    Verdict of(Run run, Domain domain, Intent intent, Verdict live) {
        if (!live.consistency().atLeast(Consistency.FILESYSTEM)) {
            return live;
        }
        try {
            return live.with(told(run, domain, intent, live.confirms(Testimony.STANDSTILL)));
        } catch (JournalException e) {
            // no doubt of the snapshot: whoever comes next finds the run as it is, and asks the disks
            throw e;
        } catch (RuntimeException e) {
            LOG.warn("the snapshot of run {} could not be looked at", run.id().value(), e);
            return live.with(List.of(new Evidence("disk", false, "none could be read: " + e.getMessage())));
        }
    }

    /** Closes what a process that died may have left open; what stays open is told by whatever meets it. */
    void close(Run run, Domain domain, Intent intent) {
        try {
            List<SnapshotStore> stores = machines.stores().of(domain, OptionalLong.empty());
            long open = intent.volumes().stream()
                    .flatMap(of -> close(named(of.driver(), stores), Recorded.planned(of)).stream())
                    .count();
            if (open == 0) {
                journal.closed(run.id());
            }
        } catch (JournalException e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.warn("what run {} may have left open is not known: {}", run.id().value(), e.getMessage());
        }
    }

    private List<Evidence> told(Run run, Domain domain, Intent intent, boolean stoodStill) {
        List<SnapshotStore> stores = machines.stores().of(domain, OptionalLong.empty());
        journal.opened(run.id(), clock.instant());
        journal.force();
        Map<String, DiskFinding> disks = new LinkedHashMap<>();
        List<Evidence> open = new ArrayList<>();
        intent.volumes().forEach(of -> {
            VolumeSnapshot volume = Recorded.planned(of);
            SnapshotStore store = named(of.driver(), stores);
            disks.put(of.disk(), read(store, volume));
            close(store, volume).ifPresent(open::add);
        });
        if (open.isEmpty()) {
            journal.closed(run.id());
        }
        List<Evidence> evidence = new ArrayList<>(new Testimony(disks, stoodStill).of(intent.held()));
        evidence.addAll(open);
        return evidence;
    }

    private static SnapshotStore named(String driver, List<SnapshotStore> stores) {
        return stores.stream()
                .filter(store -> store.name().equals(driver))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("there is no storage driver '%s'".formatted(driver)));
    }

    private DiskFinding read(SnapshotStore store, VolumeSnapshot volume) {
        try {
            View view = store.open(volume);
            return view instanceof View.Refused refused
                    ? new DiskFinding.Unread(refused.reason())
                    : readDisk.at(((View.Opened) view).path());
        } catch (RuntimeException e) {
            // whatever broke, it may be open, and has to be closed
            return new DiskFinding.Unread(String.valueOf(e.getMessage()));
        }
    }

    /** What stands against it, where it stays open: that is no doubt of what was read. */
    private static Optional<Evidence> close(SnapshotStore store, VolumeSnapshot volume) {
        String held;
        try {
            Outcome outcome = store.close(volume);
            if (outcome instanceof Outcome.Refused refused) {
                held = refused.reason();
            } else if (outcome instanceof Outcome.Indeterminate lost) {
                held = lost.reason();
            } else {
                return Optional.empty();
            }
        } catch (RuntimeException e) {
            held = String.valueOf(e.getMessage());
        }
        return Optional.of(new Evidence(
                "view",
                true,
                "%s may still be open ('stillframe close' ends that): %s".formatted(volume.disk(), held)));
    }
}
