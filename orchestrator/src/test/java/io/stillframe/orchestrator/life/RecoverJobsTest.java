package io.stillframe.orchestrator.life;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.db.JobState;
import io.stillframe.db.Snapshot;
import io.stillframe.guest.DomainId;
import io.stillframe.guest.Faults.Died;
import io.stillframe.guest.Faults.Kind;
import io.stillframe.orchestrator.lease.SteppedTiming;
import io.stillframe.orchestrator.recovery.Finding;
import io.stillframe.orchestrator.recovery.Finding.Status;
import io.stillframe.orchestrator.recovery.HeldGuests;
import io.stillframe.orchestrator.recovery.RecoverJobs;
import io.stillframe.orchestrator.sentinel.LeaseFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecoverJobsTest {
    private final LifeWorld world = new LifeWorld(true);
    private final Snapshot snapshot = world.snapshot(1);

    @TempDir
    private Path directory;

    /** While an earlier job of the list was worked on for an hour, the process that makes this clone has gone on. */
    @Test
    void a_clone_that_was_finished_until_its_machine_could_be_held_is_not_taken_back() {
        dieInTheMiddleOfAClone();
        List<Finding> findings = recover(vm -> {
            world.storage.with(world.job().changes().get(0).to(), "whole");
            var unused = world.kept.finish(world.job(), JobState.DONE, world.clock.instant(), Optional.empty());
        });
        assertThat(findings).singleElement().satisfies(finding -> {
            assertThat(finding.status()).isEqualTo(Status.DONE);
            assertThat(finding.detail()).contains("has come to its end meanwhile");
        });
        assertThat(world.faults.count("store.removeClone")).isZero();
    }

    @Test
    void one_volume_that_cannot_be_taken_back_does_not_keep_the_others_and_the_job_says_what_is_left() {
        world.faults.on("store.makeClone half", Kind.REFUSED, 2).on("store.removeClone", Kind.LATE);
        JobResult result = new CloneSnapshot(world.place())
                .of(snapshot, LifeWorld.JOB, Optional.empty())
                .result();
        assertThat(result.job().orElseThrow().state()).isEqualTo(JobState.BEGUN);
        assertThat(result.problem().orElseThrow().message())
                .contains("could not be removed", "store.removeClone broke");
        assertThat(world.faults.count("store.removeClone")).isEqualTo(2);
    }

    private void dieInTheMiddleOfAClone() {
        LifeWorld other = new LifeWorld(true);
        var whole = new CloneSnapshot(other.place()).of(other.snapshot(1), LifeWorld.JOB, Optional.empty());
        assertThat(whole.result().isDone()).isTrue();
        world.faults.dieAt(other.faults.calls().indexOf("store.makeClone") + 1, () -> {});
        try {
            var unused = new CloneSnapshot(world.place()).of(snapshot, LifeWorld.JOB, Optional.empty());
            throw new AssertionError("nobody died");
        } catch (Died e) {
            world.faults.revive();
            world.guest.forgetHandles();
        }
    }

    private List<Finding> recover(Consumer<DomainId> hold) {
        try (HeldGuests nobody = new HeldGuests(
                new LeaseFiles(directory), world::machines, world.clock, new SteppedTiming(), Duration.ofSeconds(1))) {
            RecoverJob recover = new RecoverJob(
                    world.journal,
                    world::machines,
                    world.clock,
                    new Pace(OptionalLong.empty(), Meters.NONE, () -> false));
            return new RecoverJobs(world.journal, recover, nobody, hold).of(any -> true, false);
        }
    }
}
