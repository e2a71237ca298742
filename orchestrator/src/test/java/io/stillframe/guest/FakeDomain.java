package io.stillframe.guest;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A handle to a {@link FakeGuest}. */
final class FakeDomain implements Domain {
    private final FakeHypervisor hypervisor;
    private final FakeGuest guest;

    FakeDomain(FakeHypervisor hypervisor, FakeGuest guest) {
        this.hypervisor = hypervisor;
        this.guest = guest;
        guest.opened();
    }

    @Override
    public DomainId id() {
        return guest.id();
    }

    @Override
    public DomainState state() {
        return call("state", guest::state);
    }

    @Override
    public boolean persistent() {
        return call("persistent", guest::persistent);
    }

    @Override
    public boolean hasSavedState() {
        return call("hasSavedState", guest::hasSavedState);
    }

    @Override
    public List<Disk> disks() {
        return call("disks", () -> guest.disks(false));
    }

    @Override
    public List<Disk> definedDisks() {
        return call("definedDisks", () -> guest.disks(true));
    }

    @Override
    public Map<String, Long> written() {
        return call("written", guest::written);
    }

    @Override
    public boolean hasKeyboard() {
        return call("hasKeyboard", guest::hasKeyboard);
    }

    @Override
    public void suspend() {
        perform("suspend", () -> guest.in(DomainState.PAUSED));
    }

    @Override
    public void resume() {
        perform("resume", () -> guest.in(DomainState.RUNNING));
    }

    @Override
    public void switchTo(List<DiskOverlay> overlays) {
        perform("switchTo", () -> guest.switchTo(overlays));
    }

    @Override
    public Optional<BlockJob> blockJob(String target) {
        return call("blockJob", () -> guest.job(target));
    }

    @Override
    public void commitActive(String target, Path top, Path base, long bytesPerSecond) {
        perform("commitActive", () -> merge(target, top, base, 0));
    }

    @Override
    public void commit(String target, Path top, Path base, long bytesPerSecond) {
        perform("commit", () -> merge(target, top, base, guest.chain(target).indexOf(top)));
    }

    private void merge(String target, Path top, Path base, int index) {
        List<Path> chain = guest.chain(target);
        if (index < 0
                || index + 1 >= chain.size()
                || !chain.get(index).equals(top)
                || !chain.get(index + 1).equals(base)) {
            throw new GuestException(GuestFailure.REJECTED, "the chain is " + chain);
        }
        guest.merge(target, top);
    }

    @Override
    public void pivot(String target) {
        perform("pivot", () -> guest.endMerge(target, true));
    }

    @Override
    public void abortBlockJob(String target) {
        perform("abortBlockJob", () -> guest.endMerge(target, false));
    }

    @Override
    public void redefine(List<DiskImage> disks) {
        perform("redefine", () -> {
            if (guest.state() != DomainState.SHUT_OFF || guest.hasSavedState()) {
                throw new GuestException(GuestFailure.REJECTED, "the machine is not off");
            }
            guest.redefine(disks);
        });
    }

    @Override
    public List<String> defineClone(DomainId clone, List<DiskImage> disks, OtherDisks others) {
        return call("defineClone", () -> {
            hypervisor.define(clone, disks);
            return others == OtherDisks.LEFT_OUT ? List.of("other disks are left out") : List.of();
        });
    }

    @Override
    public List<String> planClone(DomainId clone, List<DiskImage> disks, OtherDisks others) {
        return call("planClone", List::of);
    }

    @Override
    public Set<Tag> tags() {
        return call("tags", guest::tags);
    }

    @Override
    public Set<Tag> retag(Set<Tag> added, Set<Tag> removed) {
        return call("retag", () -> guest.retag(added, removed));
    }

    @Override
    public void sendKeys(List<Integer> linuxKeyCodes) {
        perform("sendKeys", () -> {
            if (guest.state() == DomainState.SHUT_OFF) {
                throw new GuestException(GuestFailure.NOT_RUNNING, "the machine is off");
            }
            guest.press(linuxKeyCodes);
        });
    }

    @Override
    public void close() {
        guest.closed();
    }

    private void perform(String name, Runnable effect) {
        call(name, () -> {
            effect.run();
            return 0;
        });
    }

    private <T> T call(String name, Supplier<T> effect) {
        return guest.faults().call(name, effect, kind -> switch (kind) {
            case REFUSED -> throw new GuestException(GuestFailure.REJECTED, name + " was refused");
            case REPLY_LOST -> throw new GuestException(GuestFailure.CONNECTION_LOST, name + " was not answered");
            case LATE -> {
                awaitThaw(name);
                yield effect.get();
            }
        });
    }

    /** A call that hangs for as long as the guest is frozen; one that the thaw has to wait for ends at its limit. */
    private void awaitThaw(String name) {
        if (Set.of("resume", "sendKeys").contains(name)) {
            throw new GuestException(GuestFailure.DEADLINE, name + " did not end in time");
        }
        try {
            if (guest.isFrozen() && !guest.thawed().await(30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("nobody thawed the guest");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
