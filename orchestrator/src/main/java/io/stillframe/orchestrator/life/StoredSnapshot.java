package io.stillframe.orchestrator.life;

import io.stillframe.db.JobChange;
import io.stillframe.db.RunVolume;
import io.stillframe.db.Snapshot;
import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainId;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.Machines;
import io.stillframe.orchestrator.workflow.Recorded;
import io.stillframe.storage.Change;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.Plan;
import io.stillframe.storage.SnapshotStore;
import io.stillframe.storage.VolumeSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;

/** A snapshot with all that it lies on: its machine, and of each of its volumes the store. */
record StoredSnapshot(Snapshot snapshot, Domain domain, List<Part> parts) implements AutoCloseable {
    /** A volume of the snapshot, and who keeps it. */
    record Part(VolumeSnapshot volume, SnapshotStore store) {}

    /** What a job makes of one volume. */
    @FunctionalInterface
    interface Effect {
        Outcome on(Part part, Change change);
    }

    /**
     * Finds the machine and the stores. One that is no more leaves its snapshots behind, which can be worked with.
     *
     * @throws JobStopped when this program lacks a driver
     * @throws GuestException when libvirt cannot be asked
     */
    static StoredSnapshot open(Machines machines, Snapshot snapshot, OptionalLong bytesPerSecond) {
        Domain domain = domain(machines, snapshot);
        try {
            List<SnapshotStore> stores = machines.stores().of(domain, bytesPerSecond);
            return new StoredSnapshot(
                    snapshot,
                    domain,
                    snapshot.volumes().stream()
                            .map(volume -> new Part(Recorded.planned(volume), store(volume, stores)))
                            .toList());
        } catch (RuntimeException e) {
            domain.close();
            throw e;
        }
    }

    static Domain domain(Machines machines, Snapshot snapshot) {
        try {
            return machines.hypervisor().domain(new DomainId(snapshot.vm(), snapshot.vmName()));
        } catch (GuestException e) {
            if (e.failure() != GuestFailure.NO_SUCH_DOMAIN) {
                throw e;
            }
            return new GoneMachine(new DomainId(snapshot.vm(), snapshot.vmName()));
        }
    }

    boolean isMachineGone() {
        return domain instanceof GoneMachine;
    }

    /**
     * For what needs a machine.
     *
     * @throws JobStopped when it is no more
     */
    void requireMachine(String what) {
        if (isMachineGone()) {
            throw JobStopped.untouched(
                    ErrorCode.UNKNOWN_VM,
                    "%s: vm '%s' (%s) of snapshot %s is no more"
                            .formatted(what, snapshot.vmName(), snapshot.vm(), snapshot.id()),
                    "define the machine again, or clone the snapshot without --name and define one on the volumes");
        }
    }

    static SnapshotStore store(RunVolume volume, List<SnapshotStore> stores) {
        return stores.stream()
                .filter(store -> store.name().equals(volume.driver()))
                .findFirst()
                .orElseThrow(() -> JobStopped.untouched(
                        ErrorCode.STORAGE,
                        "%s lies on a storage driver '%s', which this program does not have"
                                .formatted(volume.snapshot(), volume.driver()),
                        "use the program that took the snapshot"));
    }

    /**
     * Asks how something can be done to each volume.
     *
     * @throws JobStopped when it cannot be done to one of them, or there is not room enough for all of them
     */
    List<JobChange> plan(BiFunction<SnapshotStore, VolumeSnapshot, Plan> question) {
        List<JobChange> changes = new ArrayList<>();
        Demands demands = new Demands();
        for (Part part : parts) {
            Plan plan = question.apply(part.store(), part.volume());
            if (plan instanceof Plan.Refused refused) {
                throw refused(part.volume().disk() + ": " + refused.reason(), refused.hint());
            }
            ((Plan.Ready) plan).demand().ifPresent(demands::add);
            Change change = ((Plan.Ready) plan).change();
            changes.add(
                    new JobChange(change.disk(), part.volume().driver(), change.from(), change.to(), change.format()));
        }
        demands.shortage().ifPresent(reason -> {
            throw refused(reason, "make room there");
        });
        return changes;
    }

    private JobStopped refused(String reason, String hint) {
        return JobStopped.untouched(
                ErrorCode.STORAGE,
                "snapshot %s of vm '%s' was not touched: %s".formatted(snapshot.id(), snapshot.vmName(), reason),
                hint);
    }

    /**
     * Makes an effect on volume after volume, and stops at the first that is not there.
     *
     * @throws JobStopped untouched when the very first changed nothing, midway otherwise
     */
    void each(List<JobChange> changes, Effect effect) {
        boolean first = true;
        for (JobChange change : changes) {
            try {
                require(change, effect.on(part(change), asPlanned(change)));
            } catch (JobStopped e) {
                throw first ? e : e.midway();
            }
            first = false;
        }
    }

    private static void require(JobChange change, Outcome outcome) {
        if (outcome instanceof Outcome.Refused refused) {
            throw JobStopped.untouched(
                    ErrorCode.STORAGE, change.disk() + ": " + refused.reason(), "mend what the message names");
        }
        if (outcome instanceof Outcome.Indeterminate lost) {
            throw JobStopped.midway(
                    ErrorCode.STORAGE,
                    "%s: outcome unknown: %s".formatted(change.disk(), lost.reason()),
                    "mend what the message names");
        }
    }

    /** Makes an effect on every volume, even where one of them fails; what did is returned, in words. */
    List<String> every(List<JobChange> changes, Effect effect) {
        List<String> failures = new ArrayList<>();
        for (JobChange change : changes) {
            try {
                each(List.of(change), effect);
            } catch (RuntimeException e) {
                // whatever broke, the other volumes are not left because of it
                failures.add(String.valueOf(e.getMessage()));
            }
        }
        return failures;
    }

    /** Those changes of which something is so. */
    List<JobChange> those(List<JobChange> changes, BiPredicate<Part, Change> question) {
        return changes.stream()
                .filter(change -> question.test(part(change), asPlanned(change)))
                .toList();
    }

    private Part part(JobChange change) {
        return parts.stream()
                .filter(part -> part.volume().disk().equals(change.disk()))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalStateException("snapshot %s has no %s".formatted(snapshot.id(), change.disk())));
    }

    private static Change asPlanned(JobChange change) {
        return new Change(change.disk(), change.from(), change.to(), change.format());
    }

    @Override
    public void close() {
        domain.close();
    }
}
