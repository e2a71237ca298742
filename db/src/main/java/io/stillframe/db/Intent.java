package io.stillframe.db;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a run was asked for and is going to do: all that another process needs to go on with it.
 *
 * @param policy the policy that asked for it, of 1 to 63 characters; empty where it was a person
 * @param required the weakest class that will do
 * @param filesystems how many filesystems the freeze must hold, from 0; empty where nothing is going to be frozen
 * @param freezeLimit the longest that the guest may be held, in whole microseconds, not negative
 * @param evidence what is known beforehand, such as a filesystem that no freeze can hold
 * @param volumes what is going to be made, in the order of making; a disk at most once
 * @param held the filesystems that the freeze must hold, each once; empty where nothing is going to be frozen, and for a
 *     run from before they were kept
 */
public record Intent(
        Optional<String> policy,
        Consistency required,
        OptionalInt filesystems,
        Duration freezeLimit,
        List<Evidence> evidence,
        List<RunVolume> volumes,
        List<Filesystem> held) {
    /** Asked for by a person. */
    public Intent(
            Consistency required,
            OptionalInt filesystems,
            Duration freezeLimit,
            List<Evidence> evidence,
            List<RunVolume> volumes,
            List<Filesystem> held) {
        this(Optional.empty(), required, filesystems, freezeLimit, evidence, volumes, held);
    }

    public Intent {
        if (filesystems.orElse(0) < 0 || freezeLimit.isNegative()) {
            throw new IllegalArgumentException(
                    "%s filesystems, held for %s at most".formatted(filesystems, freezeLimit));
        }
        freezeLimit = freezeLimit.truncatedTo(ChronoUnit.MICROS);
        evidence = List.copyOf(evidence);
        volumes = List.copyOf(volumes);
        held = List.copyOf(held);
    }
}
