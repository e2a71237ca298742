package io.stillframe.orchestrator.load;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Locale;

/** The figures, a line each, as they are known. */
final class Report {
    void host() {
        say(
                "host",
                "%d processors, Java %s"
                        .formatted(Runtime.getRuntime().availableProcessors(), System.getProperty("java.version")));
        load();
    }

    /** Of everything on this machine in the last minute: it is not for the benchmark alone. */
    void load() {
        say(
                "load average",
                String.format(
                        Locale.ROOT,
                        "%.1f",
                        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()));
    }

    void part(String what) {
        System.out.println();
        System.out.println(what);
    }

    void say(String what, String value) {
        System.out.printf("  %-60s  %s%n", what, value);
    }

    static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }

    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toNanos() / 1e9);
    }

    static String millis(Duration duration) {
        return String.format(Locale.ROOT, "%.0f ms", duration.toNanos() / 1e6);
    }

    static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
    }
}
