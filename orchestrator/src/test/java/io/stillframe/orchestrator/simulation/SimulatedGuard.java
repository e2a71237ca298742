package io.stillframe.orchestrator.simulation;

import io.stillframe.orchestrator.lease.Guard;
import io.stillframe.orchestrator.lease.GuardException;
import io.stillframe.orchestrator.lease.Lease;
import io.stillframe.orchestrator.lease.Thaw;
import java.time.Duration;
import java.util.Optional;

/** The sentinel as its holder sees it: by the rules of {@code SentinelProcess} and {@code SentinelClient}. */
final class SimulatedGuard implements Guard {
    private static final Duration ARM_LIMIT = Duration.ofSeconds(45);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);

    private final World world;
    private final SimulatedProcess holder;
    private Optional<SentinelLine> line = Optional.empty();

    SimulatedGuard(World world, SimulatedProcess holder) {
        this.world = world;
        this.holder = holder;
    }

    @Override
    public void makeReady() {
        var unused = line();
    }

    @Override
    public Watch watch(Lease lease, Runnable lost) {
        SentinelLine to = line();
        long armed = holder.nanos();
        to.onLoss(lost);
        try {
            to.arm(lease, ARM_LIMIT);
        } catch (GuardException e) {
            to.onLoss(() -> {});
            throw e;
        }
        return new Watched(to, lease, armed);
    }

    void close() {
        line.ifPresent(SentinelLine::close);
    }

    private SentinelLine line() {
        if (line.filter(running -> !running.gone()).isEmpty()) {
            world.gate.enter("start a sentinel");
            line = Optional.of(world.sentinel(holder));
            world.gate.leave();
        }
        return line.orElseThrow();
    }

    /** The sentinel over one guest. */
    private final class Watched implements Watch {
        private final SentinelLine to;
        private final Lease lease;
        private final long armed;

        Watched(SentinelLine to, Lease lease, long armed) {
            this.to = to;
            this.lease = lease;
            this.armed = armed;
        }

        @Override
        public boolean covers(Duration hold) {
            return !to.gone() && holder.since(armed).plus(hold).compareTo(lease.sentinelDeadline()) <= 0;
        }

        @Override
        public Optional<Thaw> intervention() {
            try {
                return covers(Duration.ZERO) ? Optional.empty() : to.intervention(lease, ANSWER_LIMIT);
            } catch (GuardException e) {
                return Optional.empty();
            }
        }

        @Override
        public Ended end() {
            to.onLoss(() -> {});
            try {
                return Ended.known(to.disarm(lease, ANSWER_LIMIT));
            } catch (GuardException e) {
                return Ended.unknown(e.getMessage());
            }
        }
    }
}
