package io.stillframe.orchestrator.policy;

import java.util.List;

/**
 * What becomes of a snapshot.
 *
 * @param because every reason to keep it; of one that is removed, why each rule does not keep it
 */
public record Judgement(Moment moment, boolean kept, List<String> because) {
    public Judgement {
        because = List.copyOf(because);
    }
}
