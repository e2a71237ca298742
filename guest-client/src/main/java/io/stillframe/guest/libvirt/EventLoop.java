package io.stillframe.guest.libvirt;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.libvirt.Library;
import org.libvirt.LibvirtException;

/**
 * The thread that runs libvirt's event loop. Keepalive lives in it: with a loop registered and nobody to run it, pings
 * stay unanswered and every connection is cut; without a loop, a libvirtd that hangs is never noticed.
 */
final class EventLoop implements Runnable {
    /** So that a loop that cannot poll does not take a whole processor. */
    private static final long PAUSE_AFTER_FAILURE = TimeUnit.MILLISECONDS.toNanos(200);

    private EventLoop() {}

    static void start() {
        Thread thread = new Thread(new EventLoop(), "libvirt-events");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void run() {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                Library.processEvent();
            } catch (LibvirtException e) {
                // nothing was lost: connections notice a dead peer at their next call as well
                LockSupport.parkNanos(PAUSE_AFTER_FAILURE);
            }
        }
    }
}
