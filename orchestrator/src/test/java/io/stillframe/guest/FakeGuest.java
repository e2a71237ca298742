package io.stillframe.guest;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;

/**
 * A virtual machine as it really is, apart from what anybody is told of it: {@link FakeDomain} and {@link FakeAgent} are
 * handles to it. It knows whether it was frozen at the moment of its snapshot, which is what a run has to get right.
 */
public final class FakeGuest {
    /** A disk: what the machine runs on, and what its definition names; the active layer first. */
    private record Chain(Disk of, List<Path> running, List<Path> defined) {}

    private final DomainId id;
    private final Faults faults = new Faults();
    private final Map<String, Chain> disks = new LinkedHashMap<>();
    private final List<GuestFilesystem> filesystems = new ArrayList<>();
    private final Set<String> merging = new LinkedHashSet<>();
    private final List<Runnable> late = new ArrayList<>();
    private final CountDownLatch thawed = new CountDownLatch(1);
    private Set<String> commands = Set.of(
            "guest-fsfreeze-freeze", "guest-fsfreeze-thaw", "guest-fsfreeze-status", "guest-exec", "guest-exec-status");
    private DomainState state = DomainState.RUNNING;
    private boolean persistent = true;
    private boolean agent = true;
    private boolean savedState;
    private int frozen;
    private int claims = -1;
    private int freezable = Integer.MAX_VALUE;
    private int openHandles;
    private Optional<Boolean> frozenAtSwitch = Optional.empty();

    public FakeGuest(String name) {
        this.id = new DomainId(UUID.nameUUIDFromBytes(name.getBytes(java.nio.charset.StandardCharsets.UTF_8)), name);
    }

    public DomainId id() {
        return id;
    }

    public Faults faults() {
        return faults;
    }

    /** Adds a qcow2 disk with one ext4 filesystem on it. */
    public FakeGuest with(String target, Path image) {
        disk(new Disk(target, "disk", "file", Optional.of(image.toString()), "qcow2", false, true, "none", List.of()));
        filesystems.add(new GuestFilesystem("/mnt/" + target, target + "1", "ext4", List.of(target)));
        return this;
    }

    /** Adds a disk of any kind. */
    public synchronized FakeGuest disk(Disk disk) {
        List<Path> chain = new ArrayList<>();
        disk.source().map(Path::of).ifPresent(chain::add);
        disks.put(disk.target(), new Chain(disk, chain, new ArrayList<>(chain)));
        return this;
    }

    public synchronized FakeGuest filesystem(GuestFilesystem filesystem) {
        filesystems.add(filesystem);
        return this;
    }

    /** A machine that is off has forgotten what was frozen. */
    public synchronized FakeGuest in(DomainState now) {
        state = now;
        if (now == DomainState.SHUT_OFF) {
            frozen = 0;
            late.clear();
        }
        return this;
    }

    public synchronized FakeGuest transientlyDefined() {
        persistent = false;
        return this;
    }

    /** Off, with its memory saved for the next start. */
    public synchronized FakeGuest saved() {
        savedState = true;
        return in(DomainState.SHUT_OFF);
    }

    /** Has no agent channel. */
    public synchronized FakeGuest withoutAgent() {
        agent = false;
        return this;
    }

    public synchronized FakeGuest allowing(String... only) {
        commands = Set.of(only);
        return this;
    }

    /** No freeze gets beyond so many filesystems. */
    public synchronized FakeGuest freezingAtMost(int count) {
        freezable = count;
        return this;
    }

    /** The agent lies: it says that it froze so many. */
    public synchronized FakeGuest claimingToFreeze(int count) {
        claims = count;
        return this;
    }

    /** Somebody else freezes it. */
    public synchronized FakeGuest frozenByAnother() {
        frozen = filesystems.size();
        return this;
    }

    /** Thawed behind the agent's back, all of it. */
    public synchronized void thawBehindTheAgent() {
        frozen = 0;
        thawed.countDown();
    }

    /** Whether any filesystem is frozen. What is still queued for the agent counts: it will be executed. */
    public synchronized boolean isFrozen() {
        runLate();
        return frozen > 0;
    }

    /** Whether the guest was wholly frozen when its disks went over to their overlays; empty where they never did. */
    public synchronized Optional<Boolean> frozenAtSwitch() {
        return frozenAtSwitch;
    }

    public synchronized DomainState state() {
        return state;
    }

    /** The images of a disk that the machine writes to now, the active layer first. */
    public synchronized List<Path> chain(String target) {
        return List.copyOf(disks.get(target).running());
    }

    public synchronized Path defined(String target) {
        return disks.get(target).defined().get(0);
    }

    /** As if somebody had given the definition another image by hand. */
    public synchronized void redefine(String target, Path image) {
        disks.get(target).defined().set(0, image);
    }

    /** Handles that were opened and not closed. */
    public synchronized int openHandles() {
        return openHandles;
    }

    /** Returns once the guest has been thawed by somebody. */
    CountDownLatch thawed() {
        return thawed;
    }

    synchronized void opened() {
        openHandles++;
    }

    synchronized void closed() {
        openHandles--;
    }

    synchronized boolean persistent() {
        return persistent;
    }

    synchronized boolean hasSavedState() {
        return savedState;
    }

    synchronized boolean hasAgent() {
        return agent;
    }

    synchronized AgentInfo info() {
        return new AgentInfo("7.2.0", commands);
    }

    synchronized List<GuestFilesystem> filesystems() {
        return List.copyOf(filesystems);
    }

    /** Queues what the agent will execute before its next command. */
    synchronized void later(Runnable command) {
        late.add(command);
    }

    synchronized void runLate() {
        List<Runnable> commands = List.copyOf(late);
        late.clear();
        commands.forEach(Runnable::run);
    }

    synchronized int freeze() {
        frozen = Math.min(freezableFilesystems(), freezable);
        return claims < 0 ? frozen : claims;
    }

    synchronized int thaw() {
        int count = frozen;
        frozen = 0;
        thawed.countDown();
        return count;
    }

    synchronized boolean frozenFlag() {
        return frozen > 0;
    }

    synchronized List<Disk> disks(boolean defined) {
        return disks.values().stream()
                .map(chain -> disk(chain.of(), defined ? chain.defined() : chain.running()))
                .toList();
    }

    synchronized void switchTo(List<DiskOverlay> overlays) {
        frozenAtSwitch = Optional.of(frozen > 0 && frozen == freezableFilesystems());
        overlays.forEach(overlay -> {
            disks.get(overlay.target()).running().add(0, overlay.overlay());
            disks.get(overlay.target()).defined().add(0, overlay.overlay());
        });
    }

    synchronized Optional<BlockJob> job(String target) {
        return merging.contains(target)
                ? Optional.of(new BlockJob(BlockJob.Kind.ACTIVE_COMMIT, 1, 1))
                : Optional.empty();
    }

    synchronized void merge(String target) {
        merging.add(target);
    }

    synchronized void endMerge(String target, boolean pivot) {
        if (!merging.remove(target)) {
            throw new GuestException(GuestFailure.REJECTED, "no job on " + target);
        }
        if (pivot) {
            disks.get(target).running().remove(0);
            disks.get(target).defined().remove(0);
        }
    }

    private int freezableFilesystems() {
        return (int) filesystems.stream()
                .filter(filesystem -> filesystem.type().equals("ext4"))
                .count();
    }

    private static Disk disk(Disk of, List<Path> chain) {
        return new Disk(
                of.target(),
                of.device(),
                of.sourceType(),
                chain.stream().findFirst().map(Path::toString),
                of.format(),
                of.readOnly(),
                of.exclusive(),
                of.cache(),
                chain.stream()
                        .skip(1)
                        .map(layer -> new Disk.Layer(layer.toString(), "qcow2"))
                        .toList());
    }
}
