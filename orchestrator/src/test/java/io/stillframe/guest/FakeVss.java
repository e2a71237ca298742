package io.stillframe.guest;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * The script of qemu-ga on Windows, made from QEMU's sources; no Windows has been compared with it. What it follows:
 *
 * <ul>
 * <li>{@code requester_freeze}, qga/vss-win32/requester.cpp: without a list every fixed drive is added, whatever filesystem
 * it has; with one exactly what it names, in order, and the first name that VSS does not take fails all of it. The count is
 * that of what was added.
 * <li>{@code CQGAVssProvider::CommitSnapshots}, qga/vss-win32/provider.cpp: the agent answers as the hold begins, and VSS
 * ends the hold after 10 s whether anybody thaws or not.
 * <li>{@code qmp_guest_fsfreeze_freeze_list} and {@code _thaw}, qga/commands-win32.c: the agent's flag is up from before
 * the freeze until a thaw, however that ends; a freeze that failed is thawed at once.
 * <li>{@code requester_thaw}: an error where VSS had let go ({@code VSS_E_HOLD_WRITES_TIMEOUT}), the flag down all the same;
 * 0 without an error where no freeze stands.
 * <li>{@code ga_disable_not_allowed_freeze}, qga/main.c: while the flag is up there is no freeze.
 * </ul>
 */
final class FakeVss {
    static final Duration HOLD = Duration.ofSeconds(10);

    /** Of the types as Windows names them: those on drives that are not fixed. */
    private static final Set<String> DISCS = Set.of("CDFS", "UDF");

    private final LongSupplier nanos;
    private boolean tells = true;
    private boolean stands;
    private int count;
    private long began;
    private boolean timedOut;

    FakeVss(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** Says nothing at the thaw of a hold that had ended, as Windows 7 did (Microsoft's KB 975688). */
    void keepSilent() {
        tells = false;
    }

    int freeze(FakeFilesystems filesystems, List<String> names) {
        if (filesystems.flag()) {
            throw failed("Command guest-fsfreeze-freeze has been disabled: the agent is in frozen state");
        }
        names.stream()
                .filter(name -> filesystems.mounted().stream().noneMatch(of -> isNamed(of, name)))
                .findFirst()
                .ifPresent(name -> {
                    throw failed("failed to add %s to snapshot set".formatted(name));
                });
        count = filesystems.freeze(of ->
                names.isEmpty() ? !DISCS.contains(of.type()) : names.stream().anyMatch(name -> isNamed(of, name)));
        stands = true;
        timedOut = false;
        began = nanos.getAsLong();
        return count;
    }

    /** Time passes. */
    void look(FakeFilesystems filesystems) {
        if (nanos.getAsLong() - began >= HOLD.toNanos()) {
            letGo(filesystems);
        }
    }

    /** Nobody else than VSS ends a hold before the agent does, and the agent is told at its thaw. */
    void letGo(FakeFilesystems filesystems) {
        if (stands && !timedOut) {
            timedOut = true;
            var unused = filesystems.thawBehindTheAgent();
        }
    }

    int thaw(FakeFilesystems filesystems) {
        look(filesystems);
        var unused = filesystems.thaw();
        if (!stands) {
            return 0;
        }
        stands = false;
        if (timedOut && tells) {
            throw failed("couldn't hold writes: fsfreeze is limited up to 10 seconds");
        }
        return count;
    }

    void powerOff() {
        stands = false;
    }

    /** A path with its last backslash, as {@code AddToSnapshotSet} takes it; "System Reserved" is the agent's word, and none. */
    private static boolean isNamed(GuestFilesystem filesystem, String name) {
        return name.endsWith("\\")
                && (filesystem.device().equals(name) || filesystem.mountpoint().equals(name));
    }

    private static GuestException failed(String text) {
        return new GuestException(GuestFailure.AGENT_COMMAND_FAILED, "the agent answered: " + text);
    }
}
