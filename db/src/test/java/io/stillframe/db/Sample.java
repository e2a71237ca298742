package io.stillframe.db;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/** What the tests write to journals. */
final class Sample {
    static final Instant AT = Instant.parse("2026-03-01T12:00:00.123456Z");
    static final UUID VM = UUID.fromString("6f1c2b1e-8f0a-4a55-9d0e-0242ac120002");
    static final RunId FIRST = new RunId("000000000001");
    static final RunId SECOND = new RunId("000000000002");
    static final RunId THIRD = new RunId("000000000003");
    static final RunId JOB = new RunId("0000000000j1");
    static final RunId LATER_JOB = new RunId("0000000000j2");
    static final RunError BROKEN = new RunError("MERGE_BROKE", "the merge broke off", "look at it");
    static final RunVolume VOLUME = new RunVolume(
            "vda", "qcow2", "/images/db01.qcow2", "qcow2", "/images/db01.sf-000000000001.qcow2", "NOTHING");
    static final Evidence EVIDENCE = new Evidence("ext4 needs_recovery", true, "clear on /dev/vda1");
    static final List<Filesystem> HELD = List.of(
            new Filesystem("/", "vda1", "ext4", List.of("vda")),
            new Filesystem("/data of all", "dm-0", "xfs", List.of("vda", "vdb")),
            new Filesystem("/elsewhere", "loop0", "ext4", List.of()));
    static final Evidence BEFOREHAND = new Evidence("freezable", false, "/boot/efi is vfat");
    static final RunResult PROVED = new RunResult(
            Optional.of(Consistency.FILESYSTEM), Optional.of(new Freeze(2, Duration.ofMillis(87))), Optional.empty());
    static final RunResult REFUSED = new RunResult(
            Optional.empty(), Optional.empty(), Optional.of(new RunError("FREEZE_REFUSED", "the guest refused", "")));

    private Sample() {}

    /** The beginning of one. */
    static Job job(RunId id, JobKind kind, RunId snapshot, JobChange... changes) {
        return new Job(
                id,
                kind,
                snapshot,
                VM,
                "db01",
                Optional.empty(),
                JobState.BEGUN,
                0,
                AT,
                Optional.empty(),
                List.of(changes),
                Optional.empty());
    }

    /** A run of the machine that has come to have a snapshot, with these volumes. */
    static Run snapshotted(Journal journal, RunId id, Instant at, RunVolume... volumes) {
        Run run = journal.plan(id, VM, "db01", at);
        journal.intend(id, intent(volumes));
        return journal.advance(run, RunState.SNAPSHOTTED, at);
    }

    static Intent intent(RunVolume... volumes) {
        return new Intent(
                Consistency.FILESYSTEM,
                OptionalInt.of(2),
                Duration.ofMillis(1500),
                List.of(BEFOREHAND),
                List.of(volumes),
                HELD);
    }
}
