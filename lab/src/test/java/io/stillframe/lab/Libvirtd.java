package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The daemon of the lab's guests, known by its pid file. The guests' QEMU processes outlive it. */
final class Libvirtd {
    private static final Path PID_FILE = Path.of("/run/libvirtd.pid");

    private Libvirtd() {}

    /** {@code kill -9}, and returns when it is gone. */
    static void kill() {
        ProcessHandle daemon = process();
        daemon.destroyForcibly();
        Await.until("libvirtd is gone", () -> !daemon.isAlive());
    }

    /** Starts it as the lab does, and returns when it answers; one that a service manager brought back is left alone. */
    static void bringBack() {
        Tool.out(Lab.tool("lab/setup"));
    }

    /** Has it stand still: it keeps its sockets and answers nothing. */
    static void halt() {
        Tool.out("kill", "-STOP", String.valueOf(process().pid()));
    }

    static void goOn() {
        Tool.out("kill", "-CONT", String.valueOf(process().pid()));
    }

    private static ProcessHandle process() {
        try {
            long pid = Long.parseLong(Files.readString(PID_FILE).strip());
            assertThat(Path.of("/proc", String.valueOf(pid), "comm")).hasContent("libvirtd");
            return ProcessHandle.of(pid).orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
