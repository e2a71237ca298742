package io.stillframe.orchestrator.cli;

import io.stillframe.orchestrator.api.ApiProblem;
import io.stillframe.orchestrator.api.Arguments;
import io.stillframe.orchestrator.api.Endpoint.Work;
import io.stillframe.orchestrator.api.Exchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** The commands that the daemon executes for others: with the same code that executes them without a daemon. */
final class ServedCommands {
    private static final SecureRandom RANDOM = new SecureRandom();
    /** Wider than any terminal: a line of progress is as long. */
    private static final int MOST_COLUMNS = 1000;

    private final Function<Caller, Site> ours;
    private final Site site;
    private final Map<String, ServedCommand> going = new ConcurrentHashMap<>();

    /** @param ours a site with the settings that the daemon has at that time */
    ServedCommands(Site site, Function<Caller, Site> ours) {
        this.site = site;
        this.ours = ours;
    }

    /** What a command prints with {@code --json} is the answer, and its exit status the answer's. */
    Work answeredBy(Function<Arguments, List<String>> commandLine) {
        return (arguments, exchange) -> {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            Caller caller = new Unattended(print(err), site.interrupted());
            int status = Stillframe.execute(
                    new Stillframe.Surroundings(options -> ours.apply(caller), Path.of("/"), true),
                    print(out),
                    caller.err(),
                    commandLine.apply(arguments).toArray(String[]::new));
            answer(exchange, status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
        };
    }

    private static void answer(Exchange exchange, int status, String document, String told) throws IOException {
        if (status == ExitStatus.DONE.code()) {
            exchange.answer(200, document);
        } else if (document.isEmpty()) {
            throw new ApiProblem(
                    httpStatus(status, ""),
                    status == ExitStatus.USAGE.code() ? "USAGE" : "FAILED",
                    after("error: ", told).orElse(told.strip()),
                    after("hint: ", told).orElse(""));
        } else {
            exchange.answer(httpStatus(status, code(document)), document);
        }
    }

    /** As near as HTTP comes to an exit status; what was found wrong says more. */
    private static int httpStatus(int exitStatus, String code) {
        if (exitStatus == ExitStatus.USAGE.code()) {
            return code.equals("CONFIGURATION") ? 404 : 400;
        }
        if (exitStatus == ExitStatus.REFUSED.code()) {
            return switch (code) {
                case "UNKNOWN_VM", "UNKNOWN_RUN" -> 404;
                case "HYPERVISOR_UNREACHABLE", "HOST", "JOURNAL", "JOURNAL_UNREADABLE" -> 503;
                default -> 409;
            };
        }
        return exitStatus == ExitStatus.INTERRUPTED.code() ? 503 : 500;
    }

    /** The code of what went wrong, where the document is about that alone. */
    private static String code(String document) {
        try {
            return JsonMapper.shared()
                    .readTree(document)
                    .path("error")
                    .path("code")
                    .asString("");
        } catch (JacksonException e) {
            return "";
        }
    }

    private static Optional<String> after(String word, String told) {
        return told.lines()
                .filter(line -> line.startsWith(word))
                .map(line -> line.substring(word.length()))
                .findFirst();
    }

    /** A command line as another process was given it. */
    void execute(Arguments arguments, Exchange exchange) throws IOException {
        Path directory = Path.of(arguments.one("directory").orElse("/"));
        OptionalInt columns = arguments.one("columns").stream()
                .mapToInt(of -> Math.min(Integer.parseInt(of), MOST_COLUMNS))
                .findFirst();
        ServedCommand command = new ServedCommand(exchange.events(), site.interrupted(), arguments.is("asks"), columns);
        String id = newId();
        going.put(id, command);
        try {
            command.begun(id);
            command.end(Stillframe.execute(
                    new Stillframe.Surroundings(options -> site.anew(options, command), directory, true),
                    command.out(),
                    command.err(),
                    arguments.all("arguments").toArray(String[]::new)));
        } finally {
            going.remove(id);
        }
    }

    /** What happened goes to the one who waits for the command. */
    void interrupt(Arguments arguments, Exchange exchange) throws IOException {
        named(arguments).interrupt();
        exchange.answer(200, "{}");
    }

    void answer(Arguments arguments, Exchange exchange) throws IOException {
        named(arguments).answer(arguments.is("yes"));
        exchange.answer(200, "{}");
    }

    private ServedCommand named(Arguments arguments) {
        return Optional.ofNullable(going.get(arguments.the("command")))
                .orElseThrow(() -> new ApiProblem(
                        404,
                        "UNKNOWN_COMMAND",
                        "no command '%s' goes on; nothing was touched".formatted(arguments.the("command")),
                        "its id is in the event 'begun', and is of no use after the event 'end'"));
    }

    private static String newId() {
        byte[] bytes = new byte[8];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private static PrintStream print(ByteArrayOutputStream to) {
        return new PrintStream(to, true, StandardCharsets.UTF_8);
    }
}
