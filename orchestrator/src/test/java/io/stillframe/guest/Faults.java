package io.stillframe.guest;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What goes wrong with the calls that a test's fakes get: the one of a name, several in a row, or simply the n-th. Also
 * their log, in the order in which they came.
 */
public final class Faults {
    /** How a call goes wrong. */
    public enum Kind {
        /** Nothing happens but a failure. */
        REFUSED,
        /** It happens, and a failure is answered. */
        REPLY_LOST,
        /** A failure is answered, and it happens just before the next call of its kind. */
        LATE
    }

    private final Map<String, Deque<Kind>> named = new HashMap<>();
    private final Map<String, Runnable> observers = new HashMap<>();
    private final List<String> calls = Collections.synchronizedList(new ArrayList<>());
    private final Map<Integer, Kind> numbered = new HashMap<>();
    private final Map<Integer, Runnable> nthObservers = new HashMap<>();
    private int deathAt = Integer.MAX_VALUE;
    private Runnable diesToo = () -> {};

    /** The next calls of this name go wrong like this, one after the other. */
    public synchronized Faults on(String call, Kind... kinds) {
        named.computeIfAbsent(call, any -> new ArrayDeque<>()).addAll(List.of(kinds));
        return this;
    }

    /** The next calls of this name go wrong, so many of them. */
    public Faults on(String call, Kind kind, int times) {
        return on(call, Collections.nCopies(times, kind).toArray(Kind[]::new));
    }

    /** The n-th call of all, from 0, goes wrong. */
    public synchronized Faults onNth(int call, Kind kind) {
        numbered.put(call, kind);
        return this;
    }

    /** Calls of this name go well from now on. */
    public synchronized Faults clear(String call) {
        named.remove(call);
        return this;
    }

    /** Something that happens as a call of this name comes, before any effect of it. */
    public synchronized Faults before(String call, Runnable happens) {
        observers.put(call, happens);
        return this;
    }

    /** Something that happens as the n-th call of all comes, before any effect of it. */
    public synchronized Faults beforeNth(int call, Runnable happens) {
        nthObservers.put(call, happens);
        return this;
    }

    /**
     * The process that makes these calls dies as the n-th of all comes: neither it nor any later one has an effect.
     *
     * @param with what else dies with it
     */
    public synchronized Faults dieAt(int call, Runnable with) {
        deathAt = call;
        diesToo = with;
        return this;
    }

    /** Another process makes the calls from now on. */
    public synchronized void revive() {
        deathAt = Integer.MAX_VALUE;
    }

    /** What was still to go wrong, or to happen, at the n-th call does not any more. */
    public synchronized void heal() {
        numbered.clear();
        nthObservers.clear();
    }

    /** What a call of a process that is no more ends with. */
    public static final class Died extends Error {
        private static final long serialVersionUID = 1;
    }

    /** The calls so far. */
    public List<String> calls() {
        synchronized (calls) {
            return List.copyOf(calls);
        }
    }

    public long count(String call) {
        return calls().stream().filter(call::equals).count();
    }

    /** A call, which goes wrong as it was said to, or else has its effect. */
    public <T> T call(String name, Supplier<T> effect, Function<Kind, T> wrong) {
        Optional<Kind> fault = next(name);
        if (fault.isEmpty()) {
            return effect.get();
        }
        if (fault.get() == Kind.REPLY_LOST) {
            var unused = effect.get();
        }
        return wrong.apply(fault.get());
    }

    private Optional<Kind> next(String name) {
        Runnable observer;
        Optional<Kind> fault;
        synchronized (this) {
            int number = calls.size();
            if (number >= deathAt) {
                calls.add(name);
                diesToo.run();
                throw new Died();
            }
            observer = nthObservers.getOrDefault(number, observers.get(name));
            calls.add(name);
            Kind scripted = named.getOrDefault(name, new ArrayDeque<>()).poll();
            fault = Optional.ofNullable(numbered.getOrDefault(number, scripted));
        }
        if (observer != null) {
            observer.run();
        }
        return fault;
    }
}
