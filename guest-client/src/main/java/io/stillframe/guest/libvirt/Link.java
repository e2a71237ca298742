package io.stillframe.guest.libvirt;

import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A handle's connection to libvirt: opened at once, dropped when it breaks and opened again by the next call, because
 * libvirtd may be restarted between a freeze and its thaw. All of it happens within the limit of the call.
 */
final class Link<C extends Link.Connection> {
    /** A connection to libvirtd with what was looked up over it. */
    interface Connection {
        /** Whether it still stands, as far as is known here: nothing is asked of libvirtd. */
        boolean alive();

        /** Releases everything; failures to say goodbye are of no interest. */
        void close();
    }

    private final CallThread thread;
    private final Supplier<C> opener;
    /** Only the call thread uses it. */
    private C connection;

    private Link(CallThread thread, Supplier<C> opener) {
        this.thread = thread;
        this.opener = opener;
    }

    static <C extends Connection> Link<C> open(String owner, Duration limit, Supplier<C> opener) {
        Link<C> link = new Link<>(new CallThread(owner), opener);
        boolean opened = false;
        try {
            link.call("connect", limit, connection -> null);
            opened = true;
            return link;
        } finally {
            if (!opened) {
                link.close(limit);
            }
        }
    }

    <T> T call(String what, Duration limit, Function<C, T> body) {
        return thread.call(what, limit, () -> {
            try {
                return body.apply(connected());
            } catch (GuestException e) {
                if (e.failure() == GuestFailure.CONNECTION_LOST) {
                    drop();
                }
                throw e;
            }
        });
    }

    /** @throws IllegalStateException when the handle is closed */
    void requireOpen() {
        thread.requireOpen();
    }

    void close(Duration grace) {
        thread.close(grace, this::drop);
    }

    private C connected() {
        if (connection != null && !connection.alive()) {
            drop();
        }
        if (connection == null) {
            connection = opener.get();
        }
        return connection;
    }

    private void drop() {
        if (connection != null) {
            C dropped = connection;
            connection = null;
            dropped.close();
        }
    }
}
