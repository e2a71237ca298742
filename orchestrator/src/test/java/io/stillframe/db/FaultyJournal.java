package io.stillframe.db;

import io.stillframe.db.JournalException.Kind;
import io.stillframe.guest.Faults;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Set;

/** A journal whose writes go wrong as a test says: not made, or made with the answer lost. */
public final class FaultyJournal {
    private static final Set<String> WRITES =
            Set.of("begin", "finish", "giveUp", "force", "opened", "closed", "lost", "found");

    private FaultyJournal() {}

    public static Journal around(Journal journal, Faults faults) {
        return (Journal) Proxy.newProxyInstance(
                Journal.class.getClassLoader(),
                new Class<?>[] {Journal.class},
                (proxy, method, arguments) -> WRITES.contains(method.getName())
                        ? faults.call("journal." + method.getName(), () -> invoke(journal, method, arguments), kind -> {
                            throw new JournalException(Kind.IO, "the disk is full", null);
                        })
                        : invoke(journal, method, arguments));
    }

    /** The call as it is, failing as it fails. */
    static Object invoke(Journal journal, Method method, Object[] arguments) {
        try {
            return method.invoke(journal, arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }
}
