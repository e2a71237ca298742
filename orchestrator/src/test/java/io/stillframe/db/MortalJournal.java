package io.stillframe.db;

import io.stillframe.guest.Faults.Died;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/** A journal as a process has it that may die: from then on no thread of it writes or reads any more. */
public final class MortalJournal {
    private final Journal journal;
    private int calls;
    private int deathAt = Integer.MAX_VALUE;
    private boolean answered;
    private boolean dead;
    private Runnable diesToo = () -> {};

    public MortalJournal(Journal journal) {
        this.journal = journal;
    }

    /**
     * The process dies at the n-th change of all, from 0.
     *
     * @param made whether it is made all the same
     * @param with what else dies with it
     */
    public synchronized void dieAt(int change, boolean made, Runnable with) {
        deathAt = change;
        answered = made;
        diesToo = with;
    }

    /** The process dies now. */
    public synchronized void die() {
        dead = true;
    }

    /** Whether it has died. */
    public synchronized boolean isDead() {
        return dead;
    }

    public Journal journal() {
        return (Journal) Proxy.newProxyInstance(
                Journal.class.getClassLoader(),
                new Class<?>[] {Journal.class},
                (proxy, method, arguments) -> call(method, arguments));
    }

    private synchronized Object call(Method method, Object[] arguments) {
        if (dead) {
            throw new Died();
        }
        boolean reads =
                method.getReturnType() == java.util.List.class || method.getReturnType() == java.util.Optional.class;
        if (!reads && calls++ >= deathAt) {
            dead = true;
            if (answered) {
                var unused = FaultyJournal.invoke(journal, method, arguments);
            }
            diesToo.run();
            throw new Died();
        }
        return FaultyJournal.invoke(journal, method, arguments);
    }
}
