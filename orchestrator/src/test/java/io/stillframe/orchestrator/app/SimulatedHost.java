package io.stillframe.orchestrator.app;

import io.stillframe.orchestrator.load.SimulatedMachines;
import java.io.FileDescriptor;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The program on a simulated host: {@code host.machines} of them in place of libvirt's. Into the file {@code host.heap} it
 * writes every second the most bytes of its heap that were in use, after a collection and with garbage.
 */
public final class SimulatedHost {
    private static long collected;

    private SimulatedHost() {}

    /** Runs one command line. */
    public static void main(String[] args) {
        tellHeap(Path.of(System.getProperty("host.heap")));
        SimulatedMachines machines = new SimulatedMachines(Integer.getInteger("host.machines"));
        PrintStream out = Main.utf8(FileDescriptor.out);
        PrintStream err = Main.utf8(FileDescriptor.err);
        Interruption interruption = new Interruption();
        Main.run(
                options -> new LocalSite(options, interruption, err, real -> machines.machines(), Clock.systemUTC()),
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
                .scheduleAtFixedRate(() -> write(file, told()), 0, 1, TimeUnit.SECONDS);
    }

    private static String told() {
        collected = Math.max(collected, sum(MemoryPoolMXBean::getCollectionUsage));
        return "%d %d".formatted(collected, sum(MemoryPoolMXBean::getPeakUsage));
    }

    /** Over there at once: nobody reads half of it. */
    private static void write(Path file, String text) {
        try {
            Path draft = file.resolveSibling(file.getFileName() + ".new");
            Files.writeString(draft, text);
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of the pools' own figures, which need not have been at one moment: no less than was ever in use. */
    private static long sum(Function<MemoryPoolMXBean, MemoryUsage> usage) {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .map(usage)
                .mapToLong(MemoryUsage::getUsed)
                .sum();
    }
}
