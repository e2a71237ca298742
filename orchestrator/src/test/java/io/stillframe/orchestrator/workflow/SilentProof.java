package io.stillframe.orchestrator.workflow;

import io.stillframe.db.Journal;
import io.stillframe.db.JournalException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/** A journal that has the proof of a group, and answers with a failure; then so many questions after it fail as well. */
final class SilentProof {
    private final Journal journal;
    private int unanswered;
    private boolean proved;

    SilentProof(Journal journal, int unanswered) {
        this.journal = journal;
        this.unanswered = unanswered;
    }

    Journal journal() {
        return (Journal) Proxy.newProxyInstance(
                Journal.class.getClassLoader(), new Class<?>[] {Journal.class}, (proxy, method, arguments) -> {
                    try {
                        Object answer = method.invoke(journal, arguments);
                        if (method.getName().equals("prove")) {
                            proved = true;
                            throw lost();
                        }
                        if (proved && method.getName().equals("groupOf") && unanswered-- > 0) {
                            throw lost();
                        }
                        return answer;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static JournalException lost() {
        return new JournalException(JournalException.Kind.IO, "the answer was lost", null);
    }
}
