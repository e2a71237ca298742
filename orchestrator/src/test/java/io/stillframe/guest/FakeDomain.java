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
    private final FakeGuest guest;

    FakeDomain(FakeGuest guest) {
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
    public void commitActive(String target, Path top, Path base) {
        perform("commitActive", () -> {
            List<Path> chain = guest.chain(target);
            if (!chain.get(0).equals(top) || !chain.get(1).equals(base)) {
                throw new GuestException(GuestFailure.REJECTED, "the chain is " + chain);
            }
            guest.merge(target);
        });
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
    public void redefine(List<DiskImage> images) {
        perform("redefine", () -> guest.redefine(images));
    }

    @Override
    public List<String> defineClone(DomainId clone, List<DiskImage> images, OtherDisks others) {
        return call("defineClone", () -> guest.defineClone(clone, images));
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
