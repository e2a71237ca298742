package io.stillframe.orchestrator.app;

import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

/**
 * Ctrl-C, a closed terminal or a plain kill, while a guest may be frozen. The JVM ends as soon as its exit hooks have
 * returned, so the hook returns only after the command has: a run in progress sees the flag, releases its guest, rolls
 * back and reports, and the process ends with the command's own status.
 */
final class Interruption {
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean requested;
    private volatile boolean working;
    private volatile int status;

    Interruption() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::endWithTheWork, "interruption"));
    }

    boolean requested() {
        return requested;
    }

    /** Work during which an interruption is only noted. */
    <T> T uninterrupted(Supplier<T> work) {
        working = true;
        return work.get();
    }

    /** Ends the process with a status, whether by itself or because of an interruption that waits for this. */
    void exit(int with) {
        status = with;
        ended.countDown();
        System.exit(with);
    }

    private void endWithTheWork() {
        requested = true;
        if (!working) {
            return;
        }
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(status);
    }
}
