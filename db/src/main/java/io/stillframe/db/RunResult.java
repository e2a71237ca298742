package io.stillframe.db;

import java.util.Optional;

/** What a run brought: the class of its snapshot, its freeze, its error; each where there is one. */
public record RunResult(Optional<Consistency> consistency, Optional<Freeze> freeze, Optional<RunError> error) {
    public static final RunResult NONE = new RunResult(Optional.empty(), Optional.empty(), Optional.empty());
}
