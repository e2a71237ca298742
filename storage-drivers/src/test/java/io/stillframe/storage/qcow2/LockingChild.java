package io.stillframe.storage.qcow2;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Another process that has an image open and locked, as a QEMU has. */
public final class LockingChild implements AutoCloseable {
    /** A byte that QEMU locks for as long as it uses an image ({@code RAW_LOCK_PERM_BASE}). */
    private static final long QEMU_LOCK = 100;

    private final Process process;

    private LockingChild(Process process) {
        this.process = process;
    }

    /** Returns when the lock is held. */
    public static LockingChild of(Path image) throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        LockingChild child = new LockingChild(new ProcessBuilder(
                        java.toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LockingChild.class.getName(),
                        image.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
        if (!"locked".equals(child.process.inputReader(StandardCharsets.UTF_8).readLine())) {
            throw new IllegalStateException("the other process has no lock on " + image);
        }
        return child;
    }

    /** Holds the lock until its input ends. */
    public static void main(String[] args) throws IOException {
        try (FileChannel image =
                FileChannel.open(Path.of(args[0]), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            System.out.println(image.tryLock(QEMU_LOCK, 1, true) == null ? "refused" : "locked");
            System.in.transferTo(OutputStream.nullOutputStream());
        }
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
