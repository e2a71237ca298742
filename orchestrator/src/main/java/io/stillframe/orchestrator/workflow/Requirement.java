package io.stillframe.orchestrator.workflow;

import io.stillframe.config.OnDoubt;
import io.stillframe.db.Consistency;

/**
 * What a run's snapshot has to be.
 *
 * @param runs whether the machine ran when it was examined
 */
record Requirement(String vm, boolean runs, SnapshotOptions options) {
    Consistency least() {
        return runs ? options.requiredWhileRunning() : options.required().orElse(Consistency.CRASH);
    }

    /** What is kept in the end: where a doubt is to be kept with its reason, anything that was taken. */
    Consistency acceptable() {
        return options.onDoubt().then() == OnDoubt.Then.KEEP_AS_CRASH ? Consistency.CRASH : least();
    }

    /**
     * Whether QEMU has to be paused. A machine that does not run is at one instant already, and its pause is not ours to
     * end. In a group one that runs has to stand still until the others are taken, and where in the end a crash-consistent
     * snapshot will do no freeze is known to hold it.
     */
    boolean pauses(VolumeSet volumes) {
        return runs && (volumes.needPause() || (options.grouped() && acceptable() == Consistency.CRASH));
    }

    /** @throws RunFailed where a snapshot without a sound freeze is not enough */
    void unlessCrashWillDo(String reason) {
        if (least().atLeast(Consistency.FILESYSTEM)) {
            throw refused(reason);
        }
    }

    RunFailed refused(String reason) {
        return new RunFailed(new Problem(
                ErrorCode.FREEZE,
                "no snapshot of vm '%s' was taken: %s".formatted(vm, reason),
                least().atLeast(Consistency.FILESYSTEM)
                        ? "see 'stillframe doctor %s', or accept a snapshot without a sound freeze with --require crash"
                                .formatted(vm)
                        : "try again when the machine is less busy, and see 'stillframe doctor %s'".formatted(vm)));
    }
}
