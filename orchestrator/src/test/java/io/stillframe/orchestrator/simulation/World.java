package io.stillframe.orchestrator.simulation;

import io.stillframe.db.FakeJournal;
import io.stillframe.db.Run;
import io.stillframe.db.RunId;
import io.stillframe.guest.DomainId;
import io.stillframe.guest.FakeGuest;
import io.stillframe.guest.FakeHypervisor;
import io.stillframe.guest.GuestAgent;
import io.stillframe.guest.GuestAgent.FreezeStatus;
import io.stillframe.orchestrator.lease.Thaw;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One machine on one host, and the processes of Stillframe that come and go: taking snapshots of it, killed, recovering.
 * In the end everything is healthy again, and a last recovery must leave nothing wrong.
 */
final class World {
    private static final Pattern BY = Pattern.compile("\"by\":\"([A-Z_]+)\"");
    /** So long before it ends a process may have looked last at what it leaves. */
    private static final long A_LOOK = Duration.ofMillis(1).toNanos();

    private static final long LONGEST_COMMAND = Duration.ofMinutes(30).toNanos();
    private static final long WHAT_IS_SLOW = Duration.ofSeconds(40).toNanos();
    private static final long AFTER_HEALING = Duration.ofMinutes(3).toNanos();

    final Dice dice;
    final Coverage coverage;
    final Images images;
    final Schedule schedule;
    final Plan plan;
    final WallClock clock;
    final Machine machine;
    final AgentDaemon agent;
    final Libvirt libvirt;
    final MemoryDisk disk;
    final FakeJournal journal = new FakeJournal();
    final Gate gate;
    final Troubles troubles;
    final Watch watch;
    final Promises promises;

    private final Set<Safeguard> without;
    private final Story story = new Story();
    private final SimulatedProcess init;
    private final List<SimulatedProcess> processes = new ArrayList<>();
    private final List<SentinelLine> lines = new ArrayList<>();
    private Optional<SimulatedProcess> orchestrator = Optional.empty();
    private Optional<String> violation = Optional.empty();
    private boolean healthy;
    private int runs;

    World(long seed, Images images, Coverage coverage, Set<Safeguard> without) {
        this.dice = new Dice(seed);
        this.images = images;
        this.coverage = coverage;
        this.without = without;
        this.plan = Plan.of(dice);
        images.reset();
        this.schedule = new Schedule(this::look);
        this.clock = new WallClock(schedule);
        FakeGuest guest = plan.guest(images, schedule::now);
        GuestAgent inside = new FakeHypervisor(guest).agent(guest.id());
        this.machine = new Machine(this, guest);
        this.agent = new AgentDaemon(this, guest, () -> inside.status(Duration.ofSeconds(1)) == FreezeStatus.FROZEN);
        this.libvirt = new Libvirt(this);
        this.gate = new Gate(this);
        this.disk = new MemoryDisk(gate, this::countMeans);
        this.troubles = new Troubles(this);
        this.watch = new Watch(this);
        this.promises = new Promises(this);
        this.init = new SimulatedProcess("init", schedule, dice).first();
    }

    /** Lets it all happen; what went wrong is returned, where something did. */
    Optional<String> run() {
        try {
            tell("world", plan.toString());
            untilHealthy();
            if (violation.isEmpty()) {
                afterwards();
            }
        } catch (RuntimeException | AssertionError e) {
            violated("the world broke: " + e);
        }
        processes.forEach(SimulatedProcess::kill);
        return violation.map(what -> what + "\n" + story.text());
    }

    private void untilHealthy() {
        int commands = 1 + dice.below(4);
        for (int i = 0; i < commands && violation.isEmpty(); i++) {
            run(i == 0 || dice.percent(40) ? Command.SNAPSHOT : Command.RECONCILE);
            init.pass(dice.between(Duration.ofMillis(1), Duration.ofSeconds(30)));
        }
        heal();
        init.pass(WHAT_IS_SLOW);
        init.await(schedule.now() + AFTER_HEALING, () -> violation.isPresent() || nothingRuns());
    }

    /** Everything works, and somebody looks after what was left; then everything is as it should be, and stays so. */
    private void afterwards() {
        // by either command; the next snapshot must not need an operator
        boolean snapshot = dice.percent(50);
        if (!without(Safeguard.RECONCILE)) {
            run(snapshot ? Command.SNAPSHOT : Command.RECONCILE);
        }
        Aftermath aftermath = new Aftermath(this);
        aftermath.check();
        if (snapshot) {
            aftermath.checkLast();
        }
        List<Object> before = aftermath.everything();
        run(Command.RECONCILE);
        promises.require(before.equals(aftermath.everything()), "the second recovery changed something");
    }

    private void run(Command command) {
        SimulatedProcess process = start(command);
        orchestrator = Optional.of(process);
        init.await(schedule.now() + LONGEST_COMMAND, () -> process.ended || violation.isPresent());
        promises.require(process.ended || violation.isPresent(), command + " hangs");
        orchestrator = Optional.empty();
    }

    private void heal() {
        tell("world", "is healthy");
        healthy = true;
        troubles.end();
        disk.full(false);
        libvirt.comeBack();
        agent.goOn();
        agent.start();
    }

    SimulatedProcess start(Command command) {
        SimulatedProcess process = process(command.toString());
        process.start(() -> {
            try {
                command.live(this, process);
            } catch (RuntimeException | AssertionError e) {
                violated("%s broke: %s at %s".formatted(command, e, e.getStackTrace()[0]));
            }
        });
        return process;
    }

    SimulatedProcess process(String name) {
        SimulatedProcess process = new SimulatedProcess(name + " " + processes.size(), schedule, dice);
        process.atEnd(() -> {
            disk.unlock(process);
            init.wakeUp();
        });
        processes.add(process);
        tell(process.name, "starts");
        return process;
    }

    SentinelLine sentinel(SimulatedProcess holder) {
        SentinelLine line = new SentinelLine(this, holder);
        lines.add(line);
        return line;
    }

    boolean isSentinel(SimulatedProcess process) {
        return lines.stream().anyMatch(line -> line.process() == process);
    }

    List<SimulatedProcess> sentinels() {
        return lines.stream()
                .map(SentinelLine::process)
                .filter(SimulatedProcess::runs)
                .toList();
    }

    /**
     * Whether sentinels die faster than a holder can replace them: one so lately that its holder cannot have seen it yet,
     * or a second one under the same holder.
     */
    boolean sentinelsDieTooFast(SimulatedProcess holder) {
        List<SentinelLine> dead = lines.stream()
                .filter(line -> line.holder() == holder && line.process().isDead())
                .toList();
        return dead.size() > 1
                || dead.stream()
                        .anyMatch(line -> !line.gone() || !line.process().endedBefore(A_LOOK));
    }

    Optional<SimulatedProcess> orchestrator() {
        return orchestrator.filter(SimulatedProcess::runs);
    }

    void killOrchestrator() {
        orchestrator().ifPresent(process -> {
            tell(process.name, "is killed");
            lastRun().ifPresent(run -> coverage.killedIn(run.state()));
            process.kill();
        });
    }

    void killSentinels() {
        sentinels().forEach(process -> {
            tell(process.name, "is killed");
            process.kill();
        });
    }

    void wakeAll() {
        processes.forEach(SimulatedProcess::wakeUp);
    }

    DomainId vm() {
        return machine.guest().id();
    }

    RunId nextRun() {
        return new RunId("%012d".formatted(++runs));
    }

    Optional<Run> lastRun() {
        return runs == 0
                ? Optional.empty()
                : journal.runsLike("%012d".formatted(runs)).stream().findFirst();
    }

    /** A run has come to a state. */
    void journaled(Run run) {
        troubles.reached(run.state());
        coverage.reached(run.state());
    }

    /** A lease that is done with tells how its guest was released, where its holder did not. */
    private void countMeans(String lease) {
        Matcher by = BY.matcher(lease);
        while (by.find()) {
            coverage.means(Thaw.Means.valueOf(by.group(1)));
        }
    }

    boolean without(Safeguard safeguard) {
        return without.contains(safeguard);
    }

    boolean isHealthy() {
        return healthy;
    }

    void tell(String who, String what) {
        story.add(schedule == null ? 0 : schedule.now(), who, what);
    }

    void violated(String what) {
        tell("VIOLATION", what);
        if (violation.isEmpty()) {
            violation = Optional.of(what);
            init.wakeUp();
        }
    }

    String story() {
        return story.text();
    }

    private boolean nothingRuns() {
        return processes.stream().noneMatch(SimulatedProcess::runs);
    }

    private void look() {
        if (violation.isEmpty()) {
            watch.look();
        }
    }
}
