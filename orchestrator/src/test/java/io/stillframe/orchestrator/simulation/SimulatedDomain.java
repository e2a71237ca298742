package io.stillframe.orchestrator.simulation;

import io.stillframe.guest.BlockJob;
import io.stillframe.guest.Disk;
import io.stillframe.guest.DiskImage;
import io.stillframe.guest.DiskOverlay;
import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainId;
import io.stillframe.guest.DomainState;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.guest.Tag;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** A handle to the machine: questions are answered at once, what changes the machine waits for what changes it now. */
final class SimulatedDomain implements Domain {
    private final World world;
    private final Domain real;

    SimulatedDomain(World world, Domain real) {
        this.world = world;
        this.real = real;
    }

    @Override
    public DomainId id() {
        return real.id();
    }

    @Override
    public DomainState state() {
        return ask("state", real::state);
    }

    @Override
    public boolean persistent() {
        return ask("persistent", real::persistent);
    }

    @Override
    public boolean hasSavedState() {
        return ask("hasSavedState", real::hasSavedState);
    }

    @Override
    public List<Disk> disks() {
        return ask("disks", real::disks);
    }

    @Override
    public List<Disk> definedDisks() {
        return ask("definedDisks", real::definedDisks);
    }

    @Override
    public Map<String, Long> written() {
        return ask("written", real::written);
    }

    @Override
    public Set<Tag> tags() {
        return ask("tags", real::tags);
    }

    @Override
    public Set<Tag> retag(Set<Tag> added, Set<Tag> removed) {
        return ask("retag", () -> real.retag(added, removed));
    }

    @Override
    public boolean hasKeyboard() {
        return ask("hasKeyboard", real::hasKeyboard);
    }

    @Override
    public void suspend() {
        world.promises.beforeHold("suspend");
        change("suspend", () -> world.machine.pause());
    }

    @Override
    public void resume() {
        change("resume", () -> world.machine.resume());
    }

    @Override
    public void switchTo(List<DiskOverlay> overlays) {
        job("switchTo", () -> {
            real.switchTo(overlays);
            world.promises.switched(overlays);
            return 0;
        });
    }

    /** Takes libvirt's lock on the machine, which what changes it holds to its end. */
    @Override
    public Optional<BlockJob> blockJob(String target) {
        return job("blockJob", () -> {
            requireOn();
            return real.blockJob(target);
        });
    }

    @Override
    public void commitActive(String target, Path top, Path base, long bytesPerSecond) {
        change("commitActive", () -> {
            real.commitActive(target, top, base, bytesPerSecond);
            world.promises.merged(top);
        });
    }

    @Override
    public void commit(String target, Path top, Path base, long bytesPerSecond) {
        change("commit", () -> real.commit(target, top, base, bytesPerSecond));
    }

    @Override
    public void redefine(List<DiskImage> disks) {
        job("redefine", () -> {
            real.redefine(disks);
            return 0;
        });
    }

    @Override
    public List<String> defineClone(DomainId clone, List<DiskImage> disks, OtherDisks others) {
        return job("defineClone", () -> real.defineClone(clone, disks, others));
    }

    @Override
    public List<String> planClone(DomainId clone, List<DiskImage> disks, OtherDisks others) {
        return job("planClone", () -> real.planClone(clone, disks, others));
    }

    @Override
    public void pivot(String target) {
        change("pivot", () -> real.pivot(target));
    }

    @Override
    public void abortBlockJob(String target) {
        change("abortBlockJob", () -> real.abortBlockJob(target));
    }

    @Override
    public void sendKeys(List<Integer> linuxKeyCodes) {
        change("sendKeys", () -> real.sendKeys(linuxKeyCodes));
    }

    @Override
    public void close() {
        world.gate.requireAlive();
        real.close();
    }

    private <T> T ask(String name, Supplier<T> question) {
        world.gate.enter(name);
        world.libvirt.requireUp(name);
        Optional<Fault> fault = world.gate.fault();
        int libvirt = world.libvirt.started();
        world.gate.process().pass(world.gate.duration(500, fault));
        T answer = question.get();
        if (world.libvirt.started() != libvirt) {
            throw Libvirt.lost(name);
        }
        fault.filter(kind -> kind != Fault.SLOW).ifPresent(kind -> {
            throw kind == Fault.REFUSED
                    ? new GuestException(GuestFailure.REJECTED, name + " was refused")
                    : Libvirt.lost(name);
        });
        world.gate.leave();
        return answer;
    }

    private void change(String name, Runnable effect) {
        job(name, () -> {
            requireOn();
            effect.run();
            return 0;
        });
    }

    private <T> T job(String name, Supplier<T> effect) {
        world.gate.enter(name);
        world.libvirt.requireUp(name);
        SimulatedProcess asker = world.gate.process();
        Optional<Fault> fault = world.gate.fault();
        if (fault.equals(Optional.of(Fault.REFUSED))) {
            asker.pass(world.dice.about(500));
            throw new GuestException(GuestFailure.LOCKED, name + " was refused");
        }
        Reply<T> reply = new Reply<>(asker);
        int libvirt = world.libvirt.started();
        begin(name, reply, effect, world.gate.duration(2000, fault));
        asker.await(
                world.schedule.now() + patience(fault), () -> reply.isThere() || world.libvirt.started() != libvirt);
        if (world.libvirt.started() != libvirt || (reply.isThere() && fault.equals(Optional.of(Fault.REPLY_LOST)))) {
            throw Libvirt.lost(name);
        }
        if (!reply.isThere()) {
            throw new GuestException(GuestFailure.DEADLINE, name + " did not end in time");
        }
        T answer = reply.get();
        world.gate.leave();
        return answer;
    }

    /** Who waits for what is late does not wait until it has happened. */
    private long patience(Optional<Fault> fault) {
        return fault.equals(Optional.of(Fault.LATE)) ? world.dice.about(50_000) : Libvirt.CALL_LIMIT.toNanos();
    }

    /** What QEMU was told before libvirt was lost it may do all the same. */
    private <T> void begin(String name, Reply<T> reply, Supplier<T> effect, long nanos) {
        int libvirt = world.libvirt.started();
        int deaths = world.machine.deaths();
        boolean told = world.dice.percent(50);
        world.schedule.after(world.libvirt.job(nanos, told) - world.schedule.now(), () -> {
            if (told || world.libvirt.started() == libvirt) {
                world.tell("libvirt", "does " + name);
                reply.to(() -> {
                            if (world.machine.deaths() != deaths) {
                                throw off();
                            }
                            return effect.get();
                        })
                        .run();
            }
        });
    }

    private void requireOn() {
        if (real.state() == DomainState.SHUT_OFF) {
            throw off();
        }
    }

    private static GuestException off() {
        return new GuestException(GuestFailure.NOT_RUNNING, "the machine is off");
    }
}
