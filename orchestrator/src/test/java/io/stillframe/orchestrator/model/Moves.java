package io.stillframe.orchestrator.model;

import io.stillframe.orchestrator.model.Move.By;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What may happen next in a situation. */
record Moves(Situation from, List<Move> list) {
    Moves(Situation from) {
        this(from, new ArrayList<>());
    }

    void add(String name, By by, Consumer<Situation> change) {
        list.add(new Move(name, by, from.but(change)));
    }
}
