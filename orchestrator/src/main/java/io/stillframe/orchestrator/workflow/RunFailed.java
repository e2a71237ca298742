package io.stillframe.orchestrator.workflow;

/** A step could not be done; what the run has made so far has to be released and rolled back. */
final class RunFailed extends RuntimeException {
    private final transient Problem problem;

    RunFailed(Problem problem) {
        super(problem.message());
        this.problem = problem;
    }

    Problem problem() {
        return problem;
    }
}
