package io.stillframe.orchestrator.workflow;

import io.stillframe.db.RunId;
import io.stillframe.guest.DomainId;
import io.stillframe.guest.DomainState;
import io.stillframe.orchestrator.lease.Lease;
import io.stillframe.orchestrator.lease.Lease.SysRq;
import io.stillframe.storage.StorageDriver;
import io.stillframe.storage.Volume;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A machine looked at before a run: what {@code doctor} prints, and what a run builds on. Nothing is touched by it.
 *
 * @param state what the machine was doing
 * @param freeze what a freeze has to achieve, or why there is none
 * @param mayExec whether programs can be run in the guest
 * @param sysRq whether its kernel thaws on Alt+SysRq+J
 * @param volumes the disks that a snapshot covers, each with the driver that takes it
 */
public record Examination(
        List<Check> checks,
        DomainState state,
        FreezePlan freeze,
        boolean mayExec,
        SysRq sysRq,
        Map<StorageDriver, List<Volume>> volumes) {

    /** The first reason for which a run is refused, as the error it is. */
    Optional<Problem> refusal(String vm) {
        return checks.stream()
                .filter(check -> check.status() == Check.Status.FAIL)
                .findFirst()
                .map(check -> new Problem(
                        check.code().orElseThrow(),
                        "vm '%s' was not touched: %s: %s".formatted(vm, check.check(), check.detail()),
                        check.hint()));
    }

    /** Why there can be no switch inside the guest; empty where there can. */
    Optional<String> noSwitch() {
        return noProgram("there is none for Windows, whose VSS lets go by itself");
    }

    /** Why no application hook can be run there; empty where they can. */
    Optional<String> noHooks() {
        return noProgram("there is none for Windows");
    }

    private Optional<String> noProgram(String onWindows) {
        if (freeze.vss().isPresent()) {
            return Optional.of(onWindows);
        }
        return mayExec ? Optional.empty() : Optional.of("the agent may not execute programs");
    }

    /** What another process would have to know of this run's guest to let it go. */
    Lease lease(DomainId vm, RunId run, Duration limit, boolean pauses) {
        return new Lease(vm, Optional.of(run.value()), limit, freeze.freezes(), pauses, freeze.disks(), sysRq);
    }

    /** Names what the run will make. */
    VolumeSet volumeSet(RunId run) {
        List<VolumeSet.Part> parts = new ArrayList<>();
        volumes.forEach((driver, of) -> parts.add(new VolumeSet.Part(driver, driver.plan(run.label(), of))));
        return new VolumeSet(parts);
    }
}
