package io.stillframe.orchestrator.simulation;

import io.stillframe.orchestrator.lease.GuardException;
import io.stillframe.orchestrator.lease.Lease;
import io.stillframe.orchestrator.lease.Thaw;
import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.orchestrator.sentinel.LeaseFiles;
import io.stillframe.orchestrator.sentinel.Sentinel;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A sentinel's process and the pipe to it, with what {@code SentinelServer} and {@code SentinelClient} do at its ends.
 * Neither end sees at once that the other one is gone.
 */
final class SentinelLine {
    private static final Duration LONGEST_START = Duration.ofSeconds(2);

    private final World world;
    private final SimulatedProcess holder;
    private final SimulatedProcess process;
    private final Sentinel sentinel;
    private long lastDue;
    private boolean asked;
    private boolean closed;
    private boolean inputEnded;
    private boolean gone;
    private Runnable lost = () -> {};

    SentinelLine(World world, SimulatedProcess holder) {
        this.world = world;
        this.holder = holder;
        this.process = world.process("sentinel");
        Timing timing = world.without(Safeguard.SENTINEL) ? new Endless(process) : process;
        this.sentinel =
                new Sentinel(new SimulatedHypervisor(world), new LeaseFiles(world.disk.root()), timing, world.clock);
        lastDue = world.schedule.now() + world.dice.between(Duration.ofMillis(80), LONGEST_START);
        holder.atEnd(this::close);
        process.atEnd(() -> world.schedule.after(world.dice.about(1000), this::isGone));
        process.startWaiting(this::serve);
    }

    SimulatedProcess process() {
        return process;
    }

    SimulatedProcess holder() {
        return holder;
    }

    /** Whether it has acted already, and its holder may still hold the guest. */
    boolean intervened() {
        return sentinel.intervention(world.vm().uuid()).isPresent() && !inputEnded;
    }

    /** Whether the holder has seen its end. */
    boolean gone() {
        return gone;
    }

    /** Has something happen on a thread of the holder's when the sentinel's end is seen. */
    void onLoss(Runnable happens) {
        lost = happens;
    }

    void arm(Lease lease, Duration limit) {
        var unused = ask("ARM", limit, () -> {
            sentinel.arm(lease);
            world.watch.armed(this, lease);
            return Optional.empty();
        });
    }

    Optional<Thaw> intervention(Lease lease, Duration limit) {
        return ask("ASK", limit, () -> sentinel.awaitIntervention(lease.vm().uuid()));
    }

    Optional<Thaw> disarm(Lease lease, Duration limit) {
        return ask("DISARM", limit, () -> {
            Optional<Thaw> done = sentinel.disarm(lease.vm().uuid());
            world.watch.disarmed(this);
            return done;
        });
    }

    /** The holder closes its end, or its death does: the sentinel sees that after all that was written before. */
    void close() {
        if (!closed) {
            closed = true;
            lost = () -> {};
            if (!asked) {
                process.end();
                return;
            }
            long most = world.dice.percent(90) ? 50 : 3000;
            process.postWhenIdle(due(world.dice.between(Duration.ofMillis(1), Duration.ofMillis(most))), () -> {
                inputEnded = true;
                world.watch.holderGone(this);
            });
        }
    }

    /** What the holder asked, and what came of it. */
    private static final class Question {
        private Optional<Thaw> thaw = Optional.empty();
        private Optional<GuardException> error = Optional.empty();
        private boolean answered;
    }

    private void serve() {
        process.await(Long.MAX_VALUE, () -> inputEnded);
        if (!world.without(Safeguard.SENTINEL)) {
            sentinel.holderGone();
        }
        world.watch.ends(this);
    }

    private Optional<Thaw> ask(String verb, Duration limit, Supplier<Optional<Thaw>> work) {
        world.gate.enter("sentinel " + verb);
        if (gone || closed) {
            throw new GuardException("the sentinel has ended");
        }
        asked = true;
        Question question = new Question();
        long delay = due(world.dice.about(500));
        process.postWhenIdle(delay, () -> answer(question, work));
        holder.await(world.schedule.now() + limit.toNanos(), () -> question.answered || gone);
        if (!question.answered) {
            throw new GuardException(gone ? "the sentinel has ended" : "the sentinel did not answer");
        }
        question.error.ifPresent(e -> {
            throw e;
        });
        world.gate.leave();
        return question.thaw;
    }

    private void answer(Question question, Supplier<Optional<Thaw>> work) {
        try {
            question.thaw = work.get();
            question.thaw.ifPresent(thaw -> world.coverage.means(thaw.by()));
        } catch (GuardException e) {
            world.tell(process.name, "refuses: " + e.getMessage());
            question.error = Optional.of(e);
        } catch (RuntimeException e) {
            world.tell(process.name, "broke: " + e);
            question.error = Optional.of(new GuardException("the sentinel broke: " + e));
        }
        world.schedule.after(world.dice.about(500), () -> {
            question.answered = true;
            holder.wakeUp();
        });
    }

    private long due(long delay) {
        lastDue = Math.max(lastDue, world.schedule.now() + delay);
        return lastDue - world.schedule.now();
    }

    private void isGone() {
        gone = true;
        if (holder.runs() && !closed) {
            holder.post(0, () -> lost.run());
        }
        holder.wakeUp();
    }

    /** Time in which no limit ever comes. */
    private record Endless(Timing timing) implements Timing {
        @Override
        public long nanos() {
            return timing.nanos();
        }

        @Override
        public void pause(Duration about) {
            timing.pause(about);
        }

        @Override
        public Worker worker(String name) {
            Worker worker = timing.worker(name);
            return new Worker() {
                @Override
                public void run(Runnable task) {
                    worker.run(task);
                }

                @Override
                public Runnable after(Duration delay, Runnable task) {
                    return () -> {};
                }

                @Override
                public void close() {
                    worker.close();
                }
            };
        }
    }
}
