package io.stillframe.guest.libvirt;

import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;

/** How soon a libvirtd that no longer answers is given up: the connection breaks, and blocked calls end. */
final class KeepAlive {
    static final int INTERVAL_SECONDS = 5;
    static final int COUNT = 3;

    private KeepAlive() {}

    /** Drivers inside this process ({@code test:///}) have nobody to ping. */
    static void tolerate(GuestException failure) {
        if (failure.failure() != GuestFailure.UNSUPPORTED) {
            throw failure;
        }
    }
}
