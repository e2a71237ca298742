package io.stillframe.orchestrator.app;

import io.stillframe.orchestrator.cli.Terminal;
import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Commands;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The terminal of this process. What Java knows of one is input and output together, and differs between its versions; so
 * the kernel is asked, stream by stream. Questions and progress go where errors go: what is printed may be a document.
 */
final class LocalTerminal implements Terminal {
    private static final Pattern DEVICE = Pattern.compile("/dev/(pts/|tty|console).*");
    /** {@code stty size} prints rows, then columns; 0 where the terminal does not know. */
    private static final Pattern SIZE = Pattern.compile("\\d+ ([1-9]\\d{0,4})\\s*");

    private static final int USUAL = 80;
    private static final Set<String> YES = Set.of("y", "yes");

    private final Commands commands;
    private final InputStream in;
    private final PrintStream err;
    private final Path streams;

    LocalTerminal(Commands commands, InputStream in, PrintStream err) {
        this(commands, in, err, Path.of("/proc/self/fd"));
    }

    /** @param streams a folder with a link for each stream, by its number, as the kernel has it */
    LocalTerminal(Commands commands, InputStream in, PrintStream err, Path streams) {
        this.commands = commands;
        this.in = in;
        this.err = err;
        this.streams = streams;
    }

    @Override
    public boolean canAsk() {
        return device(0).isPresent() && device(2).isPresent();
    }

    @Override
    public boolean confirm(String question) {
        err.print(question + " [y/N] ");
        err.flush();
        try {
            String answer = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine();
            return answer != null && YES.contains(answer.strip().toLowerCase(Locale.ROOT));
        } catch (IOException e) {
            return false; // no answer is none
        }
    }

    @Override
    public OptionalInt columns() {
        return device(2).map(device -> OptionalInt.of(width(device))).orElse(OptionalInt.empty());
    }

    private Optional<Path> device(int stream) {
        try {
            return Optional.of(Files.readSymbolicLink(streams.resolve(String.valueOf(stream))))
                    .filter(device -> DEVICE.matcher(device.toString()).matches());
        } catch (IOException e) {
            return Optional.empty(); // closed, or no /proc: nobody looks
        }
    }

    private int width(Path device) {
        try {
            String size = commands.run(List.of("stty", "-F", device.toString(), "size"), Duration.ofSeconds(2))
                    .stdout();
            Matcher matcher = SIZE.matcher(size);
            return matcher.matches() ? Integer.parseInt(matcher.group(1)) : USUAL;
        } catch (CommandException e) {
            return USUAL;
        }
    }
}
