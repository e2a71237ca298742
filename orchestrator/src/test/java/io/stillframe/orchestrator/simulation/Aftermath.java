package io.stillframe.orchestrator.simulation;

import io.stillframe.db.Consistency;
import io.stillframe.db.Run;
import io.stillframe.db.RunState;
import io.stillframe.db.RunVolume;
import io.stillframe.db.Snapshot;
import io.stillframe.guest.DomainState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What has to be so after a recovery that nothing disturbed. */
final class Aftermath {
    private final World world;
    private final Promises promises;

    Aftermath(World world) {
        this.world = world;
        this.promises = world.promises;
    }

    void check() {
        promises.require(!world.machine.guest().isFrozen(), "the guest is frozen at the end");
        promises.require(!world.machine.isPausedByUs(), "the guest is paused at the end");
        promises.require(
                world.machine.isOff()
                        || world.plan.state() != DomainState.PAUSED
                        || world.machine.deaths() > 0
                        || world.machine.guest().state() == DomainState.PAUSED,
                "a machine that its operator had paused goes on");
        Set<String> names = world.images.names();
        promises.require(Images.lost(names).isEmpty(), "foreign files are gone: " + Images.lost(names));
        promises.require(world.disk.texts(".lease").isEmpty(), "a lease is left over");
        chains().forEach(image ->
                promises.require(Files.exists(image), "the machine needs " + image + ", which is gone"));
        List<Run> runs = world.journal.runs(Optional.empty());
        runs.forEach(this::check);
        overlays(runs, world.images.overlays(names));
        world.journal.snapshots(Optional.empty()).forEach(this::check);
    }

    /** Where nothing stands against it a snapshot can be taken again at once. */
    void checkLast() {
        boolean quarantined = world.journal.unfinished().stream().anyMatch(run -> run.state() == RunState.QUARANTINED);
        Run last = world.lastRun().orElseThrow();
        // after a thaw behind its back nobody can tell its flag from a freeze of somebody else's, which is not ours to
        // end
        boolean refused = world.agent.saysFrozen()
                && last.state() == RunState.ABANDONED
                && last.result()
                        .error()
                        .filter(error -> error.hint().contains("stillframe thaw"))
                        .isPresent();
        promises.require(
                refused
                        || quarantined
                        || !world.plan.isHonest()
                        || world.machine.isOff()
                        || last.state() == RunState.COMPLETED,
                "nothing stood against the last snapshot, which is %s: %s".formatted(last.state(), last.result()));
    }

    /** What there is to be changed by another recovery. */
    List<Object> everything() {
        List<Object> everything = new ArrayList<>();
        for (Run run : world.journal.runs(Optional.empty())) {
            everything.add(run);
            everything.add(world.journal.transitions(run.id()));
            everything.add(world.journal.evidence(run.id()));
        }
        everything.addAll(world.journal.snapshots(Optional.empty()));
        everything.add(world.images.names());
        everything.add(chains());
        everything.add(world.machine.guest().state());
        everything.add(world.disk.texts(".lease"));
        return everything;
    }

    private void check(Run run) {
        String is = "run %s is %s".formatted(run.id().value(), run.state());
        boolean quarantined = run.state() == RunState.QUARANTINED;
        promises.require(run.state().isFinal() || quarantined, is);
        promises.require(
                !quarantined
                        || run.result()
                                .error()
                                .filter(error -> !error.message().isBlank())
                                .isPresent(),
                is + " without a reason");
        boolean recorded = world.journal.snapshots(Optional.empty()).stream()
                .anyMatch(of -> of.run().equals(run.id()));
        promises.require(run.state() != RunState.COMPLETED || recorded, is + " without a record");
        boolean failed = run.state() == RunState.FAILED || run.state() == RunState.ABANDONED;
        promises.require(!failed || !recorded, is + " with a record");
        promises.require(
                !failed
                        || world.journal.volumes(run.id()).stream()
                                .noneMatch(volume -> Files.exists(Path.of(volume.active()))),
                is + " and left something behind");
        if (run.state() == RunState.COMPLETED) {
            completed(run, is);
        }
    }

    private void completed(Run run, String is) {
        Set<Path> chains = chains();
        for (RunVolume volume : world.journal.volumes(run.id())) {
            promises.require(
                    chains.contains(Path.of(volume.active())) && chains.contains(Path.of(volume.snapshot())),
                    "%s but %s over %s is in none of the chains %s"
                            .formatted(is, volume.active(), volume.snapshot(), chains));
            promises.require(
                    promises.isUntouched(Path.of(volume.active())), is + " though its snapshot was merged into");
        }
        promises.require(promises.isOfOneInstant(run.id()), is + " though its disks are of several instants");
    }

    private void check(Snapshot snapshot) {
        promises.require(
                snapshot.consistency() == Consistency.CRASH || promises.wasFrozen(snapshot.run()),
                "the snapshot of run %s is called %s".formatted(snapshot.run().value(), snapshot.consistency()));
        boolean told = snapshot.consistency() == Consistency.APPLICATION;
        promises.require(
                !told
                        || world.machine
                                .guest()
                                .applications()
                                .heldThroughout(snapshot.run().label(), Plan.HOOKS),
                "the snapshot of run %s is called application, and they did not hold"
                        .formatted(snapshot.run().value()));
        world.coverage.claimed(snapshot.consistency());
        snapshot.volumes()
                .forEach(volume -> promises.require(
                        Files.exists(Path.of(volume.snapshot())), "the snapshot's " + volume.snapshot() + " is gone"));
    }

    private void overlays(List<Run> runs, Set<Path> overlays) {
        Set<Path> known = chains();
        runs.stream()
                .filter(run -> run.state() == RunState.QUARANTINED)
                .flatMap(run -> world.journal.volumes(run.id()).stream())
                .forEach(volume -> known.add(Path.of(volume.active())));
        overlays.forEach(overlay -> promises.require(known.contains(overlay), overlay + " is nobody's"));
    }

    /** The images that the machine runs on or will start with. */
    private Set<Path> chains() {
        Set<Path> chains = new TreeSet<>();
        world.images.targets(world.plan.disks()).forEach(target -> {
            chains.addAll(world.machine.guest().chain(target));
            chains.add(world.machine.guest().defined(target));
        });
        return chains;
    }
}
