package io.stillframe.orchestrator.simulation;

import io.stillframe.db.Consistency;
import io.stillframe.db.RunState;
import io.stillframe.orchestrator.lease.Thaw;
import io.stillframe.orchestrator.state.RecoveryAction;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** How often what happened, over many worlds. */
final class Coverage {
    private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

    void count(String what) {
        counts.computeIfAbsent(what, any -> new LongAdder()).increment();
    }

    void killedIn(RunState state) {
        count("killed in " + state);
    }

    void fault(Fault fault) {
        count("call " + fault);
    }

    void trouble(Trouble trouble) {
        count("trouble " + trouble);
    }

    void recovery(RecoveryAction action) {
        count("recovery " + action);
    }

    void means(Thaw.Means means) {
        count("thawed by " + means);
    }

    void claimed(Consistency consistency) {
        count("claimed " + consistency);
    }

    void reached(RunState state) {
        count("reached " + state);
    }

    /** What never happened, of what has to. */
    List<String> missing() {
        return required().filter(what -> !counts.containsKey(what)).toList();
    }

    String text() {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(counts)
                .forEach((what, count) -> text.append(String.format(Locale.ROOT, "%10d  %s%n", count.sum(), what)));
        return text.toString();
    }

    private static Stream<String> required() {
        List<String> required = new ArrayList<>();
        for (RunState state : Trigger.REACHED) {
            required.add("killed in " + state);
            required.add("reached " + state);
        }
        for (Fault fault : Fault.values()) {
            required.add("call " + fault);
        }
        for (Trouble trouble : Trouble.values()) {
            required.add("trouble " + trouble);
        }
        for (RecoveryAction action : RecoveryAction.values()) {
            // a run that is final is no recovery's
            if (action != RecoveryAction.NONE) {
                required.add("recovery " + action);
            }
        }
        for (Consistency consistency : Consistency.values()) {
            required.add("claimed " + consistency);
        }
        required.add("the guest ended a hold");
        for (Thaw.Means means : Thaw.Means.values()) {
            required.add("thawed by " + means);
        }
        return required.stream();
    }
}
