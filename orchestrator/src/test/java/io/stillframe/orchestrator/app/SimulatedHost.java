package io.stillframe.orchestrator.app;

import io.stillframe.orchestrator.load.SimulatedMachines;
import java.io.FileDescriptor;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * The program on a simulated host: {@code host.machines} of them in place of libvirt's. Into the file {@code host.heap} it
 * writes every second the most bytes of its heap that were in use, garbage included.
 */
public final class SimulatedHost {
    private SimulatedHost() {}

    /** Runs one command line. */
    public static void main(String[] args) {
        tellHeap(Path.of(System.getProperty("host.heap")));
        SimulatedMachines machines = new SimulatedMachines(Integer.getInteger("host.machines"));
        PrintStream out = Main.utf8(FileDescriptor.out);
        PrintStream err = Main.utf8(FileDescriptor.err);
        Interruption interruption = new Interruption();
        Main.run(
                options -> new LocalSite(
                        options, interruption, err, real -> machines.machines(), Clock.systemUTC()),
                interruption,
                out,
                err,
                args);
    }

    private static void tellHeap(Path file) {
        var unused = Executors.newSingleThreadScheduledExecutor(task -> {
                    Thread thread = new Thread(task, "heap");
                    thread.setDaemon(true);
                    return thread;
                })
                .scheduleAtFixedRate(() -> write(file, heapPeak()), 0, 1, TimeUnit.SECONDS);
    }

    private static void write(Path file, long bytes) {
        try {
            Files.writeString(file, String.valueOf(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The sum of the pools' own peaks, which need not have been at one moment: no less than was ever in use. */
    private static long heapPeak() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .map(MemoryPoolMXBean::getPeakUsage)
                .mapToLong(usage -> usage.getUsed())
                .sum();
    }
}
