package io.stillframe.orchestrator.simulation;

import io.stillframe.guest.AgentInfo;
import io.stillframe.guest.ExecResult;
import io.stillframe.guest.GuestAgent;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.guest.GuestFilesystem;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** A handle to the agent: what is said to it goes through libvirt, one command after the other. */
final class SimulatedAgent implements GuestAgent {
    private final World world;
    private final GuestAgent real;
    /** When libvirt will have passed on what was said before over this handle. */
    private long passedOn;

    SimulatedAgent(World world, GuestAgent real) {
        this.world = world;
        this.real = real;
    }

    @Override
    public int freeze(Duration limit) {
        return freeze(limit, () -> real.freeze(limit));
    }

    @Override
    public int freeze(List<String> mountpoints, Duration limit) {
        return freeze(limit, () -> real.freeze(mountpoints, limit));
    }

    private int freeze(Duration limit, Supplier<Integer> effect) {
        world.promises.beforeHold("freeze");
        return call("freeze", false, 20_000, limit, effect);
    }

    @Override
    public int thaw(Duration limit) {
        return call("thaw", true, 2000, limit, () -> real.thaw(limit));
    }

    @Override
    public FreezeStatus status(Duration limit) {
        return call("status", true, 500, limit, () -> real.status(limit));
    }

    @Override
    public void sync(Duration limit) {
        call("sync", true, 500, limit, () -> {
            real.sync(limit);
            return 0;
        });
    }

    @Override
    public List<GuestFilesystem> filesystems(Duration limit) {
        return call("filesystems", false, 2000, limit, () -> real.filesystems(limit));
    }

    @Override
    public AgentInfo info(Duration limit) {
        return call("info", true, 500, limit, () -> real.info(limit));
    }

    @Override
    public Optional<String> osId(Duration limit) {
        return call("osId", false, 500, limit, () -> real.osId(limit));
    }

    @Override
    public ExecResult exec(List<String> argv, Duration limit) {
        return call("exec " + program(argv), false, 5000, limit, () -> {
            ExecResult result = real.exec(argv, limit);
            world.machine.executed(argv);
            return result;
        });
    }

    @Override
    public void close() {
        world.gate.requireAlive();
        real.close();
    }

    private static String program(List<String> argv) {
        int script = argv.indexOf("stillframe-switch");
        int hooks = argv.indexOf("stillframe-hooks");
        if (hooks >= 0) {
            return "stillframe-hooks " + argv.get(hooks + 1); // what follows are whole scripts
        }
        return script < 0 ? String.join(" ", argv) : String.join(" ", argv.subList(script, argv.size()));
    }

    private <T> T call(String name, boolean whileFrozen, long micros, Duration limit, Supplier<T> effect) {
        world.gate.enter(name);
        world.libvirt.requireUp(name);
        SimulatedProcess asker = world.gate.process();
        Optional<Fault> fault = world.gate.fault();
        if (fault.equals(Optional.of(Fault.REFUSED))) {
            asker.pass(world.dice.about(micros));
            throw new GuestException(GuestFailure.AGENT_COMMAND_FAILED, name + " was refused");
        }
        Reply<T> reply = new Reply<>(asker);
        int libvirt = world.libvirt.started();
        send(
                new AgentDaemon.Command(name, whileFrozen, nanos(micros, fault), () -> reply.to(effect), reply::fail),
                asker,
                fault);
        asker.await(
                world.schedule.now() + limit.toNanos(), () -> reply.isThere() || world.libvirt.started() != libvirt);
        T answer = answer(name, reply, libvirt, fault);
        world.gate.leave();
        return answer;
    }

    /** One that is late is so in libvirt, one that is slow is so in the guest. */
    private long nanos(long micros, Optional<Fault> fault) {
        return fault.equals(Optional.of(Fault.SLOW)) ? world.gate.duration(micros, fault) : world.dice.about(micros);
    }

    private void send(AgentDaemon.Command command, SimulatedProcess asker, Optional<Fault> fault) {
        long way = fault.equals(Optional.of(Fault.LATE)) ? world.gate.duration(0, fault) : world.dice.about(300);
        passedOn = Math.max(passedOn, world.schedule.now()) + way;
        int libvirt = world.libvirt.started();
        boolean sent = !world.machine.isOff();
        int deaths = world.machine.deaths();
        world.schedule.after(passedOn - world.schedule.now(), () -> {
            boolean forgotten = asker.endedBefore(Libvirt.AFTERWARDS.toNanos());
            if (forgotten || world.libvirt.started() != libvirt) {
                return;
            }
            // with QEMU ends whatever waits for its turn at it, and none is kept for the one that is started next
            if (sent && world.machine.deaths() == deaths) {
                world.agent.receive(command);
            } else {
                command.refuse().accept(new GuestException(GuestFailure.NOT_RUNNING, "the machine does not run"));
            }
        });
    }

    private <T> T answer(String name, Reply<T> reply, int libvirt, Optional<Fault> fault) {
        if (reply.isThere() && !fault.equals(Optional.of(Fault.REPLY_LOST))) {
            return reply.get();
        }
        if (world.libvirt.started() != libvirt || (reply.isThere() && world.dice.percent(50))) {
            throw Libvirt.lost(name);
        }
        throw new GuestException(GuestFailure.AGENT_TIMEOUT, name + " was not answered");
    }
}
