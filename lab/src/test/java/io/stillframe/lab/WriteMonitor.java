package io.stillframe.lab;

import io.stillframe.guest.Domain;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.Hypervisor;
import io.stillframe.guest.libvirt.LibvirtHypervisor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/**
 * When a guest wrote to its disks, seen from outside: QEMU's counters, looked at every few milliseconds where a look is short. The guest's
 * writer writes all the time, so a counter that stands still is a guest that is frozen.
 */
final class WriteMonitor implements AutoCloseable {
    private static final long BETWEEN_LOOKS_NANOS = 4_000_000;
    /** Where a look takes long, looking is not what this machine is to be busy with. */
    private static final int REST = 9;

    private static final long LONGEST_REST_NANOS = 200_000_000;

    private final Hypervisor hypervisor = LibvirtHypervisor.open("qemu:///system", Duration.ofSeconds(10));
    private final Domain domain;
    private final List<Look> looks = new CopyOnWriteArrayList<>();
    private final Thread thread = new Thread(this::look, "write-monitor");
    private volatile boolean ended;

    /** What QEMU counted at some moment between these two. */
    private record Look(long beginMillis, long endMillis, Map<String, Long> written) {}

    WriteMonitor(LabGuest guest) {
        domain = hypervisor.domain(guest.uuid().toString());
        thread.start();
    }

    /** How long after a moment of the wall clock every disk was written to again. */
    Duration untilEveryDiskIsWritten(long sinceMillis) {
        long last = Await.value("every disk is written to after the kill", () -> firstWrites(sinceMillis));
        return Duration.ofMillis(last - sinceMillis);
    }

    @Override
    public void close() {
        ended = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        domain.close();
        hypervisor.close();
    }

    /** The moment at which the last of the disks had been written to. */
    private Optional<Long> firstWrites(long sinceMillis) {
        Optional<Look> before =
                looks.stream().filter(look -> look.beginMillis() >= sinceMillis).findFirst();
        return before.flatMap(base -> looks.stream()
                .filter(look -> look.beginMillis() >= sinceMillis)
                .filter(look -> base.written().keySet().stream()
                        .allMatch(disk -> look.written().getOrDefault(disk, 0L)
                                > base.written().get(disk)))
                .findFirst()
                .map(Look::endMillis));
    }

    private void look() {
        while (!ended) {
            long begin = System.nanoTime();
            long beginMillis = System.currentTimeMillis();
            try {
                Map<String, Long> written = domain.written();
                looks.add(new Look(beginMillis, System.currentTimeMillis(), written));
            } catch (GuestException e) {
                // libvirtd may be the one that is killed: the next look connects anew
            }
            long rest = Math.min(LONGEST_REST_NANOS, REST * (System.nanoTime() - begin));
            LockSupport.parkNanos(Math.max(BETWEEN_LOOKS_NANOS, rest));
        }
    }
}
