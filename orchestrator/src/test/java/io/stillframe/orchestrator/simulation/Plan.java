package io.stillframe.orchestrator.simulation;

import io.stillframe.config.Hook;
import io.stillframe.config.Hooks;
import io.stillframe.db.Consistency;
import io.stillframe.guest.DomainState;
import io.stillframe.guest.FakeGuest;
import io.stillframe.guest.GuestFilesystem;
import io.stillframe.orchestrator.workflow.SnapshotOptions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * What a world is made of.
 *
 * @param disks how many disks the machine has, each with a filesystem
 * @param atomic whether the storage takes them all at one instant; otherwise QEMU has to be paused
 * @param state what the machine is doing
 * @param busy whether the guest writes all the time
 * @param mayExec whether its agent executes programs
 * @param keyboard whether the machine has one
 * @param sysrq whether the guest's kernel obeys magic keys
 * @param claims how many filesystems the agent says it froze, where it lies
 * @param most how many it freezes at most, where it is clumsy
 * @param unfreezable whether there is a filesystem that no freeze holds
 * @param patience how long a release is tried
 * @param windows whether the guest has Windows, whose VSS lets go by itself
 * @param tells whether its applications are told
 * @param insists whether nothing less than their hold will do
 */
record Plan(
        int disks,
        boolean atomic,
        DomainState state,
        boolean busy,
        boolean mayExec,
        boolean keyboard,
        boolean sysrq,
        Optional<Integer> claims,
        Optional<Integer> most,
        boolean unfreezable,
        Optional<Consistency> required,
        Duration freezeLimit,
        Duration patience,
        boolean windows,
        boolean tells,
        boolean insists) {
    static final List<String> HOOKS = List.of("postgresql", "mariadb");

    static Plan of(Dice dice) {
        return new Plan(
                1 + dice.below(2),
                dice.percent(75),
                dice.percent(94) ? DomainState.RUNNING : dice.oneOf(DomainState.SHUT_OFF, DomainState.PAUSED),
                dice.percent(35),
                dice.percent(80),
                dice.percent(85),
                dice.percent(75),
                dice.percent(8) ? Optional.of(dice.below(4)) : Optional.empty(),
                dice.percent(8) ? Optional.of(dice.below(2)) : Optional.empty(),
                dice.percent(10),
                dice.oneOf(Optional.empty(), Optional.of(Consistency.FILESYSTEM), Optional.of(Consistency.CRASH)),
                dice.oneOf(Duration.ofSeconds(1), Duration.ofSeconds(3), Duration.ofSeconds(10)),
                dice.oneOf(Duration.ofSeconds(3), Duration.ofSeconds(15), Duration.ofSeconds(60)),
                dice.percent(12),
                dice.percent(40),
                dice.percent(40));
    }

    /**
     * A guest that does as it is told, whose snapshot has to succeed. NTFS is believed only where nothing was written to its
     * disk, and a FAT beside it goes on being written to.
     */
    boolean isHonest() {
        boolean able = !insisting() || (mayExec && !windows);
        return claims.isEmpty() && most.isEmpty() && state == DomainState.RUNNING && !(windows && unfreezable) && able;
    }

    SnapshotOptions options() {
        SnapshotOptions options = new SnapshotOptions(
                insisting() ? Optional.of(Consistency.APPLICATION) : required,
                Consistency.FILESYSTEM,
                Set.of(),
                freezeLimit,
                patience);
        return tells
                ? options.telling(new Hooks(List.of(Hook.POSTGRESQL, Hook.MARIADB), Duration.ofSeconds(30)))
                : options;
    }

    private boolean insisting() {
        return tells && insists;
    }

    /** @param nanos tells the world's time */
    FakeGuest guest(Images images, LongSupplier nanos) {
        FakeGuest guest = new FakeGuest("db01");
        for (String target : images.targets(disks)) {
            var unused =
                    windows ? guest.withNtfs(target, images.image(target)) : guest.with(target, images.image(target));
        }
        if (unfreezable) {
            guest.filesystem(new GuestFilesystem("/boot/efi", "vda15", windows ? "FAT32" : "vfat", List.of("vda")));
        }
        claims.ifPresent(guest::claimingToFreeze);
        most.ifPresent(guest::freezingAtMost);
        if (busy) {
            guest.writing();
        }
        if (windows) {
            guest.windows(nanos);
        } else if (!mayExec) {
            guest.allowing("guest-fsfreeze-freeze", "guest-fsfreeze-thaw", "guest-fsfreeze-status");
        }
        if (!keyboard) {
            guest.withoutKeyboard();
        }
        if (!sysrq) {
            guest.withoutSysrq();
        }
        return guest.in(state);
    }
}
