package io.stillframe.orchestrator.life;

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

/**
 * A machine that the hypervisor no longer knows, for the stores of the snapshots that it left: it is off, has no disks, and
 * nothing can be done to it.
 */
record GoneMachine(DomainId id) implements Domain {
    @Override
    public DomainState state() {
        return DomainState.SHUT_OFF;
    }

    @Override
    public boolean persistent() {
        return false;
    }

    @Override
    public boolean hasSavedState() {
        return false;
    }

    @Override
    public List<Disk> disks() {
        return List.of();
    }

    @Override
    public List<Disk> definedDisks() {
        return List.of();
    }

    @Override
    public Map<String, Long> written() {
        return Map.of();
    }

    @Override
    public boolean hasKeyboard() {
        return false;
    }

    @Override
    public void suspend() {
        throw gone();
    }

    @Override
    public void resume() {
        throw gone();
    }

    @Override
    public void switchTo(List<DiskOverlay> overlays) {
        throw gone();
    }

    @Override
    public Optional<BlockJob> blockJob(String target) {
        return Optional.empty();
    }

    @Override
    public void commitActive(String target, Path top, Path base, long bytesPerSecond) {
        throw gone();
    }

    @Override
    public void commit(String target, Path top, Path base, long bytesPerSecond) {
        throw gone();
    }

    @Override
    public void pivot(String target) {
        throw gone();
    }

    @Override
    public void abortBlockJob(String target) {
        throw gone();
    }

    @Override
    public void redefine(List<DiskImage> disks) {
        throw gone();
    }

    @Override
    public List<String> defineClone(DomainId clone, List<DiskImage> disks, OtherDisks others) {
        throw gone();
    }

    @Override
    public List<String> planClone(DomainId clone, List<DiskImage> disks, OtherDisks others) {
        throw gone();
    }

    @Override
    public Set<Tag> tags() {
        return Set.of();
    }

    @Override
    public Set<Tag> retag(Set<Tag> added, Set<Tag> removed) {
        throw gone();
    }

    @Override
    public void sendKeys(List<Integer> linuxKeyCodes) {
        throw gone();
    }

    @Override
    public void close() {}

    private GuestException gone() {
        return new GuestException(
                GuestFailure.NO_SUCH_DOMAIN, "vm '%s' (%s) is no more".formatted(id.name(), id.uuid()));
    }
}
