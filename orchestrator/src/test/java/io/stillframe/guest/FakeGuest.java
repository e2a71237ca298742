package io.stillframe.guest;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.function.LongSupplier;

/**
 * A virtual machine as it really is, apart from what anybody is told of it: {@link FakeDomain} and {@link FakeAgent} are
 * handles to it. It knows whether it was frozen at the moment of its snapshot, which is what a run has to get right.
 */
public final class FakeGuest {
    private final DomainId id;
    private final Faults faults = new Faults();
    private final FakeDisks disks = new FakeDisks();
    private final FakeFilesystems filesystems = new FakeFilesystems();
    private final List<Runnable> late = new ArrayList<>();
    private final CountDownLatch thawed = new CountDownLatch(1);
    private final Set<Tag> tags = new TreeSet<>();
    private Set<String> commands = Set.of(
            "guest-fsfreeze-freeze", "guest-fsfreeze-thaw", "guest-fsfreeze-status", "guest-exec", "guest-exec-status");
    private DomainState state = DomainState.RUNNING;
    private boolean persistent = true;
    private boolean agent = true;
    private boolean savedState;
    private boolean keyboard = true;
    private boolean sysrq = true;
    private final Set<String> uncounted = new HashSet<>();
    private final Set<String> switches = new HashSet<>();
    private boolean switchFired;
    private java.util.function.LongConsumer onArm = seconds -> {};
    private final FakeApplications applications = new FakeApplications();
    private String os = "debian";
    private Optional<FakeVss> vss = Optional.empty();
    private int claims = -1;
    private int openHandles;
    private Optional<Boolean> frozenAtSwitch = Optional.empty();

    public FakeGuest(String name) {
        this(new DomainId(UUID.nameUUIDFromBytes(name.getBytes(UTF_8)), name));
    }

    public FakeGuest(DomainId id) {
        this.id = id;
    }

    public DomainId id() {
        return id;
    }

    public Faults faults() {
        return faults;
    }

    /** Adds a qcow2 disk with one ext4 filesystem on it. */
    public FakeGuest with(String target, Path image) {
        return qcow2(target, image)
                .filesystem(new GuestFilesystem("/mnt/" + target, target + "1", "ext4", List.of(target)));
    }

    /** Adds a qcow2 disk with one NTFS volume on it, which has no other name than its GUID path. */
    public FakeGuest withNtfs(String target, Path image) {
        return qcow2(target, image)
                .filesystem(new GuestFilesystem("System Reserved", volume(target), "NTFS", List.of(target)));
    }

    /** A volume's name, as {@code FindFirstVolume} gives it. */
    public static String volume(String of) {
        return "\\\\?\\Volume{%s}\\".formatted(UUID.nameUUIDFromBytes(of.getBytes(UTF_8)));
    }

    private FakeGuest qcow2(String target, Path image) {
        return disk(new Disk(
                target, "disk", "file", Optional.of(image.toString()), "qcow2", false, true, "none", List.of()));
    }

    /** Adds a disk of any kind. */
    public synchronized FakeGuest disk(Disk disk) {
        disks.add(disk);
        return this;
    }

    public synchronized Set<Tag> tags() {
        return Set.copyOf(tags);
    }

    public synchronized Set<Tag> retag(Set<Tag> added, Set<Tag> removed) {
        tags.removeAll(removed);
        tags.addAll(added);
        return new TreeSet<>(tags);
    }

    public synchronized FakeGuest filesystem(GuestFilesystem filesystem) {
        filesystems.mount(filesystem);
        return this;
    }

    /** A machine that is off has forgotten what was frozen. */
    public synchronized FakeGuest in(DomainState now) {
        state = now;
        if (now == DomainState.SHUT_OFF) {
            filesystems.powerOff();
            applications.powerOff();
            disks.powerOff();
            vss.ifPresent(FakeVss::powerOff);
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

    /**
     * Has Windows, whose agent executes programs, though none of ours, and whose VSS lets go by itself.
     *
     * @param nanos tells the time
     */
    public synchronized FakeGuest windows(LongSupplier nanos) {
        os = "mswindows";
        vss = Optional.of(new FakeVss(nanos));
        return withoutSysrq()
                .allowing(
                        "guest-fsfreeze-freeze",
                        "guest-fsfreeze-freeze-list",
                        "guest-fsfreeze-thaw",
                        "guest-fsfreeze-status",
                        "guest-exec",
                        "guest-exec-status",
                        "guest-get-osinfo");
    }

    /** Its VSS does not tell when it has let go. */
    public synchronized FakeGuest keepingSilentOfTimeouts() {
        vss.orElseThrow().keepSilent();
        return this;
    }

    synchronized String os() {
        return os;
    }

    /** No freeze gets beyond so many filesystems. */
    public synchronized FakeGuest freezingAtMost(int count) {
        filesystems.freezeAtMost(count);
        return this;
    }

    /** The agent lies: it says that it froze so many. */
    public synchronized FakeGuest claimingToFreeze(int count) {
        claims = count;
        return this;
    }

    /** Somebody else has the agent freeze it. */
    public synchronized FakeGuest frozenByAnother() {
        var unused = freeze(List.of());
        return this;
    }

    /** Somebody else has the agent thaw it. */
    public synchronized FakeGuest thawedByAnother() {
        var unused = thaw();
        return this;
    }

    /** Has no keyboard: keys are taken and reach nobody. */
    public synchronized FakeGuest withoutKeyboard() {
        keyboard = false;
        return this;
    }

    /** Its kernel does nothing on magic keys, as most distributions set it up. */
    public synchronized FakeGuest withoutSysrq() {
        sysrq = false;
        return this;
    }

    /** The hypervisor does not count what is written to this disk. */
    public synchronized FakeGuest withoutCounter(String disk) {
        uncounted.add(disk);
        return this;
    }

    /** Writes on and on: what is not frozen has written more at each look. */
    public synchronized FakeGuest writing() {
        filesystems.keepBusy();
        return this;
    }

    /** Thawed behind the agent's back, all of it; the agent goes on saying frozen. */
    public synchronized void thawBehindTheAgent() {
        vss.ifPresentOrElse(of -> of.letGo(filesystems), filesystems::thawBehindTheAgent);
        thawed.countDown();
    }

    /** Whether any filesystem is frozen. What is still queued for the agent counts: it will be executed. */
    public synchronized boolean isFrozen() {
        runLate();
        timePasses();
        return filesystems.anyFrozen();
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
        return List.copyOf(disks.running(target));
    }

    public synchronized Path defined(String target) {
        return disks.defined(target).get(0);
    }

    /** As if somebody had given the definition another image by hand. */
    public synchronized void redefine(String target, Path image) {
        disks.defined(target).set(0, image);
    }

    /** Handles that were opened and not closed. */
    public synchronized int openHandles() {
        return openHandles;
    }

    /** Whoever had handles is no more. */
    public synchronized void forgetHandles() {
        openHandles = 0;
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
        return filesystems.mounted();
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

    /** What Windows does by itself. */
    private void timePasses() {
        vss.ifPresent(of -> of.look(filesystems));
    }

    synchronized int freeze(List<String> names) {
        int frozen = vss.map(of -> of.freeze(filesystems, names)).orElseGet(filesystems::freeze);
        return claims < 0 ? frozen : claims;
    }

    synchronized int thaw() {
        thawed.countDown();
        return vss.map(of -> of.thaw(filesystems)).orElseGet(filesystems::thaw);
    }

    /** What the agent says of itself, whatever the filesystems are. */
    synchronized boolean frozenFlag() {
        return filesystems.flag();
    }

    /** The switches that are armed in it, by name. */
    public synchronized Set<String> switches() {
        return Set.copyOf(switches);
    }

    /** Somebody else ends them. */
    public synchronized void endSwitches() {
        switches.clear();
    }

    /** The switch inside the guest fires, if it is armed. */
    public synchronized void fireSwitch() {
        if (!switches.isEmpty()) {
            switchFired = true;
            thawBehindTheAgent();
        }
    }

    /** What happens when the switch is armed, given its seconds. */
    public synchronized FakeGuest onArm(java.util.function.LongConsumer happens) {
        onArm = happens;
        return this;
    }

    /** The switch's script, executed: {@code arm NAME SECONDS} or {@code disarm NAME}. */
    synchronized String turn(String verb, List<String> argv) {
        if (verb.equals("arm")) {
            switches.clear(); // those of the runs before
            switches.add(argv.get(argv.size() - 2));
            switchFired = false;
            onArm.accept(Long.parseLong(argv.get(argv.size() - 1)));
            return "armed\n";
        }
        boolean armed = switches.remove(argv.get(argv.size() - 1));
        String was = switchFired ? "fired" : armed ? "disarmed" : "absent";
        switchFired = false;
        return was + "\n";
    }

    /** What its hooks, and the applications behind them, do. */
    public FakeApplications applications() {
        return applications;
    }

    synchronized ExecResult turnHooks(List<String> command) {
        return applications.turn(command);
    }

    synchronized int sysrqMask() {
        return sysrq ? 1 : 0;
    }

    synchronized boolean hasKeyboard() {
        return keyboard;
    }

    /** Alt, SysRq and J together are the kernel's own thaw; any other keys do nothing here. */
    synchronized void press(List<Integer> keys) {
        if (keys.equals(List.of(56, 99, 36)) && keyboard && sysrq && state == DomainState.RUNNING) {
            thawBehindTheAgent();
        }
    }

    synchronized Map<String, Long> written() {
        if (state == DomainState.SHUT_OFF) {
            return Map.of();
        }
        timePasses();
        if (state == DomainState.RUNNING) {
            filesystems.runOn();
        }
        Map<String, Long> written = new LinkedHashMap<>();
        disks.asTheyRun().stream()
                .filter(disk -> !disk.readOnly() && Set.of("disk", "lun").contains(disk.device()))
                .filter(disk -> !uncounted.contains(disk.target()))
                .forEach(disk -> written.put(disk.target(), filesystems.written(disk.target())));
        return written;
    }

    synchronized List<Disk> disks(boolean defined) {
        return defined ? disks.asDefined() : disks.asTheyRun();
    }

    synchronized void switchTo(List<DiskOverlay> overlays) {
        timePasses();
        frozenAtSwitch = Optional.of(filesystems.allFrozen());
        applications.snapshotTaken();
        disks.switchTo(overlays);
    }

    synchronized Optional<BlockJob> job(String target) {
        return disks.job(target);
    }

    synchronized void merge(String target, Path layer) {
        disks.merge(target, layer);
    }

    synchronized void redefine(List<DiskImage> images) {
        disks.redefine(images);
    }

    synchronized void endMerge(String target, boolean pivot) {
        disks.endMerge(target, pivot);
    }
}
