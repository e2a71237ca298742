package io.stillframe.orchestrator.cli;

import static io.stillframe.orchestrator.api.Endpoint.Method.DELETE;
import static io.stillframe.orchestrator.api.Endpoint.Method.GET;
import static io.stillframe.orchestrator.api.Endpoint.Method.POST;
import static io.stillframe.orchestrator.api.Parameter.inBody;
import static io.stillframe.orchestrator.api.Parameter.inPath;
import static io.stillframe.orchestrator.api.Parameter.inQuery;

import io.stillframe.orchestrator.api.Arguments;
import io.stillframe.orchestrator.api.Endpoint;
import io.stillframe.orchestrator.api.Endpoint.Work;
import io.stillframe.orchestrator.api.Parameter;
import io.stillframe.orchestrator.api.Parameter.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What can be asked of a daemon. Each answer is what a command prints with {@code --json}: the names in it are the same
 * contract.
 */
final class Endpoints {
    private static final Parameter VM = inQuery("vm", Kind.TEXT, "only this machine's, by name or UUID");
    private static final Parameter RUN = inPath("run", "a run's or job's id, or an unambiguous beginning of one");
    private static final Parameter SNAPSHOT = inPath("snapshot", Selection.FORMS);
    private static final Parameter POLICY = inPath("policy", "the policy's name");
    private static final Parameter LIMIT = inQuery(
            "limit", Kind.NUMBER, "of all machines together only the newest so many, 1 to 1000000 (default: 1000)");
    private static final Parameter COUNT = inQuery("count", Kind.NUMBER, "so many, 1 to 10000 (default: 10)");
    private static final Parameter COMMAND = inPath("command", "its id, from the event 'begun'");

    private final ServedCommands commands;
    private final Work health;
    private final Work progress;

    Endpoints(ServedCommands commands, Work health, Work progress) {
        this.commands = commands;
        this.health = health;
        this.progress = progress;
    }

    List<Endpoint> all() {
        return Stream.of(state(), snapshots(), policies(), commandLines())
                .flatMap(List::stream)
                .toList();
    }

    private List<Endpoint> state() {
        return List.of(
                new Endpoint(
                        GET,
                        "/v1/health",
                        "How it is with the daemon: 503 where it does not do its work.",
                        List.of(),
                        Optional.of(DaemonHealth.class),
                        health),
                get(
                        "/v1/runs",
                        "The runs, the newest first.",
                        List.of(VM, LIMIT),
                        RunList.class,
                        of("runs").option("limit").with("vm")),
                get(
                        "/v1/runs/{run}",
                        "A run with its states and, where it took one, its snapshot.",
                        List.of(RUN),
                        Views.Shown.class,
                        of("show").with("run")),
                new Endpoint(
                        GET,
                        "/v1/runs/{run}/events",
                        "A run as it goes on: an event 'state' for each state that it came to and comes to, and "
                                + "with its end, or where its guest cannot be released for now, an event 'end'.",
                        List.of(RUN),
                        Optional.empty(),
                        progress),
                get(
                        "/v1/reconcile",
                        "What a crash left, and what would be done about it.",
                        List.of(),
                        Views.Reconciled.class,
                        of("reconcile", "--dry-run")),
                post(
                        "/v1/reconcile",
                        "Puts right what a crash left.",
                        List.of(
                                inBody("retry", Kind.FLAG, "also try again what was left to an operator"),
                                inBody("adopt", Kind.FLAG, "also thaw guests that no run claims")),
                        Views.Reconciled.class,
                        of("reconcile").flag("retry").flag("adopt")),
                post(
                        "/v1/thaw",
                        "Thaws a guest, whoever froze it.",
                        List.of(inBody("vm", Kind.TEXT, "name or UUID").demanded()),
                        Views.Thawed.class,
                        of("thaw").with("vm")));
    }

    private List<Endpoint> snapshots() {
        return List.of(
                get(
                        "/v1/snapshots",
                        "The snapshots, the newest first, and how it is with each now.",
                        List.of(VM, LIMIT),
                        Views.Snapshots.class,
                        of("snapshots").option("limit").with("vm")),
                get(
                        "/v1/snapshots/{snapshot}",
                        "A snapshot, with the run that took it.",
                        List.of(inPath("snapshot", "its id, or an unambiguous beginning of one")),
                        Views.Shown.class,
                        of("show").with("snapshot")),
                post(
                        "/v1/snapshots",
                        "Takes a snapshot of each machine, one after the other; answers when all are taken.",
                        List.of(
                                inBody("vms", Kind.TEXTS, "names or UUIDs").demanded(),
                                inBody(
                                        "require",
                                        Kind.TEXT,
                                        "the least that will do: application, filesystem or crash"),
                                inBody("hooks", Kind.TEXTS, "applications in the guest that are told of the freeze"),
                                inBody("exclude", Kind.TEXTS, "disks to leave out, by their target names"),
                                inBody("freeze-limit", Kind.TEXT, "the longest that a guest may be frozen: 5s, 800ms")),
                        TakenList.class,
                        of("snapshot")
                                .option("require")
                                .option("hooks")
                                .option("exclude")
                                .option("freeze-limit")
                                .with("vms")),
                new Endpoint(
                        DELETE,
                        "/v1/snapshots/{snapshot}",
                        "Deletes a snapshot; the moments before and after it stay. Answers when it is deleted.",
                        List.of(SNAPSHOT, inQuery("rate", Kind.TEXT, "how fast at most data is moved: 50MiB/s")),
                        Optional.of(LifeViews.DeletedViews.class),
                        commands.answeredBy(of("delete", "--yes").option("rate").with("snapshot"))));
    }

    private List<Endpoint> policies() {
        return List.of(
                get(
                        "/v1/policies",
                        "The policies of the configuration.",
                        List.of(),
                        PolicyViews.Policies.class,
                        of("policy", "list")),
                get(
                        "/v1/next",
                        "The next times at which policies are due.",
                        List.of(COUNT),
                        PolicyViews.Next.class,
                        of("policy", "next").option("count")),
                get(
                        "/v1/policies/{policy}/next",
                        "The next times at which a policy is due.",
                        List.of(POLICY, COUNT),
                        PolicyViews.Next.class,
                        of("policy", "next").option("count").with("policy")),
                get(
                        "/v1/policies/{policy}/explain",
                        "Of every snapshot of the policy's machines, whether it is kept, and why.",
                        List.of(POLICY, inQuery("at", Kind.TEXT, "as it will be then: 2027-01-31T02:00Z")),
                        PolicyViews.Explained.class,
                        of("policy", "explain").option("at").with("policy")),
                get(
                        "/v1/policies/{policy}/plan",
                        "What a run of the policy would take and remove now.",
                        List.of(POLICY),
                        PolicyViews.Explained.class,
                        of("policy", "run", "--dry-run").with("policy")),
                post(
                        "/v1/policies/{policy}/run",
                        "Does now what the schedule would do; answers when it is done.",
                        List.of(POLICY),
                        PolicyViews.PolicyRun.class,
                        of("policy", "run").with("policy")));
    }

    private List<Endpoint> commandLines() {
        return List.of(
                new Endpoint(
                        POST,
                        "/v1/commands",
                        "Executes a command line, as the command line itself does: events 'begun', 'out', 'err', "
                                + "'question', 'working' (from here on it ends in good order), 'end' with the exit "
                                + "status. Who closes the connection interrupts it.",
                        List.of(
                                inBody("arguments", Kind.TEXTS, "what follows the program's name")
                                        .demanded(),
                                inBody("directory", Kind.TEXT, "where relative paths begin"),
                                inBody("asks", Kind.FLAG, "whether somebody can answer questions"),
                                inBody("columns", Kind.NUMBER, "how wide progress may be; without it there is none")),
                        Optional.empty(),
                        commands::execute),
                new Endpoint(
                        DELETE,
                        "/v1/commands/{command}",
                        "Interrupts a command; it ends in good order, with its own event 'end'.",
                        List.of(COMMAND),
                        Optional.of(Nothing.class),
                        commands::interrupt),
                new Endpoint(
                        POST,
                        "/v1/commands/{command}/answer",
                        "Answers the question that a command asks.",
                        List.of(
                                COMMAND,
                                inBody("yes", Kind.FLAG, "whether to go on").demanded()),
                        Optional.of(Nothing.class),
                        commands::answer));
    }

    private Endpoint get(
            String path, String summary, List<Parameter> parameters, Class<?> answer, CommandLineOf command) {
        return new Endpoint(GET, path, summary, parameters, Optional.of(answer), commands.answeredBy(command));
    }

    private Endpoint post(
            String path, String summary, List<Parameter> parameters, Class<?> answer, CommandLineOf command) {
        return new Endpoint(POST, path, summary, parameters, Optional.of(answer), commands.answeredBy(command));
    }

    private static CommandLineOf of(String... words) {
        return new CommandLineOf(List.of(words), List.of());
    }

    /**
     * Makes a command line of arguments. Whatever they are they stay what they are meant as: an option's value is part of
     * the option, and what follows the {@code --} is no option.
     */
    private record CommandLineOf(List<String> words, List<Function<Arguments, List<String>>> options)
            implements Function<Arguments, List<String>> {
        CommandLineOf option(String name) {
            return and(arguments -> arguments.all(name).stream()
                    .map(value -> "--%s=%s".formatted(name, value))
                    .toList());
        }

        CommandLineOf flag(String name) {
            return and(arguments -> arguments.is(name) ? List.of("--" + name) : List.of());
        }

        /** Comes last. */
        CommandLineOf with(String name) {
            return and(arguments -> arguments.all(name).isEmpty()
                    ? List.of()
                    : Stream.concat(Stream.of("--"), arguments.all(name).stream())
                            .toList());
        }

        private CommandLineOf and(Function<Arguments, List<String>> more) {
            List<Function<Arguments, List<String>>> all = new ArrayList<>(options);
            all.add(more);
            return new CommandLineOf(words, all);
        }

        @Override
        public List<String> apply(Arguments arguments) {
            List<String> line = new ArrayList<>(words);
            line.add("--json");
            options.forEach(option -> line.addAll(option.apply(arguments)));
            return line;
        }
    }

    private record RunList(List<Views.RunView> runs) {}

    private record TakenList(List<Views.TakenView> runs) {}

    private record Nothing() {}
}
