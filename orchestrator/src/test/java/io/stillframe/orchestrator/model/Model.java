package io.stillframe.orchestrator.model;

import io.stillframe.orchestrator.model.Situation.Holder;
import java.util.List;
import java.util.Set;

/** A run that goes by these tables, among processes that keep these rules. */
record Model(Tables tables, Set<Rule> rules) {
    /** All that may happen next in a situation. */
    List<Move> moves(Situation from) {
        Moves moves = new Moves(from);
        RunMoves run = new RunMoves(tables, rules);
        if (from.holder == Holder.RUNNING || from.holder == Holder.RECOVERING) {
            run.step(from, moves);
        }
        run.limit(from, moves);
        run.operator(from, moves);
        Surroundings others = new Surroundings(rules);
        others.sentinel(from, moves);
        others.guest(from, moves);
        others.recovery(from, moves);
        Surroundings.breaks(from, moves);
        Surroundings.mends(from, moves);
        return moves.list();
    }
}
