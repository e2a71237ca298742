package io.stillframe.orchestrator.simulation;

import io.stillframe.db.Run;
import io.stillframe.db.RunId;
import io.stillframe.db.RunState;
import io.stillframe.guest.DiskOverlay;
import io.stillframe.orchestrator.simulation.Command.Exit;
import io.stillframe.orchestrator.state.Transitions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What has to be so at every step, as it is made. */
final class Promises {
    private static final Pattern LABEL = Pattern.compile("\\.sf-([0-9a-z]{12})\\.");

    /** How the guest was when disks of a run went over to their overlays. */
    private record Switch(boolean frozen, boolean still, int resumptions) {}

    private final World world;
    private final Map<String, List<Switch>> switches = new HashMap<>();

    /** The overlays whose content goes, or went, to the image below: that one is no moment any more. */
    private final Set<Path> merged = new HashSet<>();

    Promises(World world) {
        this.world = world;
    }

    /** A command that holds the guest is about to be sent. */
    void beforeHold(String command) {
        SimulatedProcess process = world.gate.process();
        if (process.isDead()) {
            return;
        }
        Optional<Run> run = world.lastRun();
        boolean forced = run.flatMap(of -> world.journal.forced(of.id()))
                .filter(RunState::mayBeHeld)
                .isPresent();
        require(forced, "%s is sent before its intent is on the disk".formatted(command));
        Optional<Duration> cover = world.watch.coverLeft(process);
        Duration needed = command.equals("freeze") ? world.plan.freezeLimit() : Duration.ZERO;
        require(
                cover.filter(left -> left.compareTo(needed) >= 0).isPresent(),
                "%s is sent with a cover of %s".formatted(command, cover));
        world.watch.holds(process);
    }

    /** Disks have gone over to their overlays. */
    void switched(List<DiskOverlay> overlays) {
        world.watch.look(); // what happened a moment ago, before the switch, belongs to before it
        boolean frozen = world.machine.guest().frozenAtSwitch().orElseThrow();
        Switch now = new Switch(frozen, frozen || world.machine.standsStill(), world.watch.resumptions());
        overlays.forEach(overlay ->
                switches.computeIfAbsent(run(overlay), any -> new ArrayList<>()).add(now));
        world.tell("guest", frozen ? "is frozen at the switch" : "is not frozen at the switch");
    }

    /** A merge of an overlay has begun. */
    void merged(Path overlay) {
        merged.add(overlay);
    }

    /** Whether what lies below an overlay is as it was at the switch. */
    boolean isUntouched(Path overlay) {
        return !merged.contains(overlay);
    }

    /** Something a run made is about to be taken back. */
    void beforeDiscard() {
        require(
                world.gate.process().isDead() || !world.machine.isHeld(),
                "what a run made is taken back while the guest is held");
    }

    void beforeTransition(Run run, RunState to) {
        if (world.gate.process().isDead()) {
            return;
        }
        require(Transitions.after(run.state()).contains(to), "a run goes from %s to %s".formatted(run.state(), to));
        boolean free = to == RunState.FAILED || to == RunState.COMPLETED || to == RunState.RELEASED;
        require(!free || !world.machine.isHeld(), "a run becomes %s while its guest is held".formatted(to));
    }

    /** A process has ended by itself, with what it says of the guest. */
    void atExit(Command command, Exit exit) {
        boolean others = command == Command.THAW && world.orchestrator().isPresent();
        require(
                others || exit == Exit.MAY_BE_FROZEN || !world.machine.isHeld(),
                "%s ended as %s though the guest is held".formatted(command, exit));
        // no sentinel can be armed that cannot write its lease, or cannot reach libvirt
        boolean possible =
                !world.disk.isFull() && world.libvirt.isUp() && !world.sentinelsDieTooFast(world.gate.process());
        boolean left = world.machine.isHeld() && world.sentinels().isEmpty() && possible;
        require(others || !left, "%s ended with the guest held, and nobody goes on trying".formatted(command));
    }

    /** Whether the guest was frozen from before a run's first switch until after its last. */
    boolean wasFrozen(RunId run) {
        List<Switch> of = switches.getOrDefault(run.value(), List.of());
        return !of.isEmpty() && of.stream().allMatch(Switch::frozen) && isOneHold(of);
    }

    /** Whether all disks of a run are of one instant. */
    boolean isOfOneInstant(RunId run) {
        List<Switch> of = switches.getOrDefault(run.value(), List.of());
        return world.plan.atomic() || of.size() < 2 || (of.stream().allMatch(Switch::still) && isOneHold(of));
    }

    private static boolean isOneHold(List<Switch> switches) {
        return switches.stream().map(Switch::resumptions).distinct().count() == 1;
    }

    private static String run(DiskOverlay overlay) {
        Matcher label = LABEL.matcher(overlay.overlay().toString());
        if (!label.find()) {
            throw new AssertionError("an overlay of no run: " + overlay);
        }
        return label.group(1);
    }

    void require(boolean is, String otherwise) {
        if (!is) {
            world.violated(otherwise);
        }
    }
}
