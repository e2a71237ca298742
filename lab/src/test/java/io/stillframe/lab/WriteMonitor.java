package io.stillframe.lab;

import io.stillframe.guest.Domain;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.Hypervisor;
import io.stillframe.guest.libvirt.LibvirtHypervisor;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * When a guest wrote to its disks, seen from outside by QEMU's counters, over a connection that is open beforehand. The guest's writer
 * writes all the time, so a counter that stands still is a guest that is frozen.
 */
final class WriteMonitor implements AutoCloseable {
    private final Hypervisor hypervisor = LibvirtHypervisor.open("qemu:///system", Duration.ofSeconds(10));
    private final Domain domain;

    WriteMonitor(LabGuest guest) {
        domain = hypervisor.domain(guest.uuid().toString());
    }

    /**
     * How long after a moment of the wall clock every disk was seen to be written to again. Looked at from the call on: what was written
     * between the moment and the call does not count.
     */
    Duration untilEveryDiskIsWritten(long sinceMillis) {
        Map<String, Long> before = Await.value("QEMU tells what it wrote", this::written);
        return Await.value(
                "every disk is written to again",
                () -> written()
                        .filter(now -> isMore(now, before))
                        .map(now -> Duration.ofMillis(System.currentTimeMillis() - sinceMillis)));
    }

    @Override
    public void close() {
        domain.close();
        hypervisor.close();
    }

    private static boolean isMore(Map<String, Long> now, Map<String, Long> before) {
        return before.keySet().stream().allMatch(disk -> now.getOrDefault(disk, 0L) > before.get(disk));
    }

    /** Nothing of a machine that is off, nor while libvirtd, which may be what was killed, is away: the next look connects anew. */
    private Optional<Map<String, Long>> written() {
        try {
            return Optional.of(domain.written()).filter(disks -> !disks.isEmpty());
        } catch (GuestException e) {
            return Optional.empty();
        }
    }
}
