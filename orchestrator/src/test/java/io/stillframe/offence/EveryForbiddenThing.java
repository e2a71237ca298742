package io.stillframe.offence;

import com.sun.jna.Pointer;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.sql.SQLException;
import java.time.Instant;
import org.eclipse.jetty.server.Server;
import org.libvirt.Connect;
import org.quartz.Scheduler;

/** Breaks rules, to show that they can be broken. Only its bytes are looked at: nothing here ever runs. */
public final class EveryForbiddenThing {
    Scheduler quartz(Scheduler scheduler) {
        return scheduler;
    }

    Pointer nativeCode(Pointer pointer) {
        return pointer;
    }

    Connect libvirt(Connect connection) {
        return connection;
    }

    Server jetty(Server server) {
        return server;
    }

    SQLException sql(SQLException failure) {
        return failure;
    }

    Process process() throws IOException {
        return new ProcessBuilder("true").start();
    }

    Instant wallClock() {
        return Instant.now();
    }

    long monotonicClock() {
        return System.nanoTime();
    }

    void end() {
        System.exit(1);
    }

    void sleep() throws InterruptedException {
        Thread.sleep(1);
    }

    void serialize(OutputStream to) throws IOException {
        new ObjectOutputStream(to).writeObject("offence");
    }
}
