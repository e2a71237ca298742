package io.stillframe.orchestrator.systemd;

import java.util.Optional;
import java.util.function.Consumer;

/** Whoever started this process as a service, and wants to know how it is with it. */
public final class ServiceManager {
    private final Consumer<String> told;

    /** @param told is given each message as it is */
    public ServiceManager(Consumer<String> told) {
        this.told = told;
    }

    /**
     * The one that listens there.
     *
     * @param socket what {@code NOTIFY_SOCKET} says; empty where nobody wants to know
     * @throws IllegalArgumentException when it names no socket
     */
    public static ServiceManager at(Optional<String> socket) {
        return socket.filter(name -> !name.isEmpty())
                .map(name -> new ServiceManager(NotifySocket.named(name)))
                .orElseGet(() -> new ServiceManager(state -> {}));
    }

    /** What has to be put right has been, and the schedule runs. */
    public void ready() {
        told.accept("READY=1");
    }

    /** It works; the next word is due within the unit's {@code WatchdogSec}. */
    public void alive() {
        told.accept("WATCHDOG=1");
    }

    /** It was told to end, and does as soon as every guest is thawed. */
    public void stopping() {
        told.accept("STOPPING=1");
    }
}
