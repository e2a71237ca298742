package io.stillframe.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;

/** Processes of this machine by what they were started with. */
final class CommandLine {
    private CommandLine() {}

    /** Those whose arguments fit; each argument ends with a NUL. All of them are read: the JVM gives the first page only. */
    static List<ProcessHandle> fits(Predicate<String> arguments) {
        return ProcessHandle.allProcesses()
                .filter(process -> arguments.test(of(process)))
                .toList();
    }

    private static String of(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc", String.valueOf(process.pid()), "cmdline"));
        } catch (IOException | UncheckedIOException e) {
            return ""; // it has ended
        }
    }
}
