package io.stillframe.orchestrator.app;

import com.sun.jna.Library;
import com.sun.jna.Native;
import io.stillframe.guest.Domain;
import io.stillframe.guest.GuestAgent;
import io.stillframe.guest.Hypervisor;
import io.stillframe.orchestrator.lease.Guard;
import io.stillframe.orchestrator.workflow.Machines;
import io.stillframe.storage.SnapshotStore;
import io.stillframe.storage.StorageDriver;
import java.io.FileDescriptor;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * The program with something between it and the world: every call to libvirt, to an agent, to a storage driver and to the
 * sentinel is a point, and so is every look at the clock, which comes just before a state is journaled. At one of them,
 * before the call has any effect, this process is killed, stopped, or waits for a test to do something to the world.
 *
 * <p>Properties: {@code interposed.act} is {@code list}, {@code kill}, {@code stop}, {@code wait} or {@code back} (from
 * there on its clock is an hour behind); {@code interposed.point} the number of the point, or the name of the first of its
 * name; {@code interposed.log} the file that gets a line for every point: number, name, thread, milliseconds of the wall
 * clock, and the act where there is one. Where it waits, it waits for {@code interposed.log}{@code .go}.
 */
public final class Interposed {
    private static final Set<String> NOT_CALLS = Set.of("id", "name", "atomic", "plan", "close", "toString");

    private final String act = System.getProperty("interposed.act");
    private final String point = System.getProperty("interposed.point");
    private final Path log = Path.of(System.getProperty("interposed.log"));
    private final AtomicInteger points = new AtomicInteger();
    private final AtomicBoolean acted = new AtomicBoolean();
    private volatile Duration behind = Duration.ZERO;

    private Interposed() {}

    /** The C library, for signals that the JVM neither sends nor sees coming. */
    private interface C extends Library {
        int kill(int pid, int signal);

        int getpid();
    }

    private static final C LIBC = Native.load("c", C.class);

    /** Runs one command line. */
    public static void main(String[] args) {
        Interposed between = new Interposed();
        PrintStream out = Main.utf8(FileDescriptor.out);
        PrintStream err = Main.utf8(FileDescriptor.err);
        Interruption interruption = new Interruption();
        Main.run(
                options -> new LocalSite(options, interruption, err, between::around, between.new Ticking()),
                interruption,
                out,
                err,
                args);
    }

    private Machines around(Machines machines) {
        return new Machines(
                around(Hypervisor.class, machines.hypervisor()),
                domain -> machines.drivers().of(domain).stream()
                        .map(driver -> around(StorageDriver.class, driver))
                        .toList(),
                (domain, rate) -> machines.stores().of(domain, rate).stream()
                        .map(store -> around(SnapshotStore.class, store))
                        .toList(),
                around(Guard.class, machines.guard()));
    }

    private <T> T around(Class<T> port, T target) {
        return port.cast(Proxy.newProxyInstance(
                port.getClassLoader(),
                new Class<?>[] {port},
                (proxy, method, arguments) -> call(port.getSimpleName(), proxy, target, method, arguments)));
    }

    private Object call(String port, Object proxy, Object target, Method method, Object[] arguments) throws Throwable {
        if (method.getName().equals("equals")) {
            return proxy == arguments[0];
        }
        if (method.getDeclaringClass() != Object.class && !NOT_CALLS.contains(method.getName())) {
            point(port + "." + method.getName());
        }
        try {
            return wrapped(method.invoke(target, arguments));
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private Object wrapped(Object result) {
        for (Class<?> port : List.of(Domain.class, GuestAgent.class, Guard.Watch.class)) {
            if (port.isInstance(result)) {
                return around(port.asSubclass(Object.class), result);
            }
        }
        return result;
    }

    private void point(String name) {
        int number = points.getAndIncrement();
        boolean acts = (name.equals(point) || String.valueOf(number).equals(point)) && acted.compareAndSet(false, true);
        note(number, name, acts ? act : "");
        if (acts) {
            act();
        }
    }

    private void act() {
        switch (act) {
            case "kill" -> LIBC.kill(LIBC.getpid(), 9);
            case "stop" -> LIBC.kill(LIBC.getpid(), 19);
            case "wait" -> awaitGo();
            case "back" -> behind = Duration.ofHours(1);
            default -> throw new IllegalArgumentException(act);
        }
    }

    private void awaitGo() {
        Path go = log.resolveSibling(log.getFileName() + ".go");
        while (Files.notExists(go)) {
            LockSupport.parkNanos(2_000_000);
        }
    }

    private void note(int number, String name, String acts) {
        try {
            Files.writeString(
                    log,
                    "%d %s %s %d %s%n"
                            .formatted(
                                    number,
                                    name,
                                    Thread.currentThread().getName().replace(' ', '_'),
                                    System.currentTimeMillis(),
                                    acts),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The clock that the journal's times come from. */
    private final class Ticking extends Clock {
        @Override
        public Instant instant() {
            point("Clock.instant");
            return Instant.now().minus(behind);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
