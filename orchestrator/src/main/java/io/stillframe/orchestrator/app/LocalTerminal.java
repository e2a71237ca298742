package io.stillframe.orchestrator.app;

import io.stillframe.orchestrator.cli.Terminal;
import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Commands;
import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The terminal of this process. Java knows of one only for input and output together; for errors the kernel is asked. */
final class LocalTerminal implements Terminal {
    private static final Path ERRORS = Path.of("/proc/self/fd/2");
    private static final Pattern DEVICE = Pattern.compile("/dev/(pts/|tty|console).*");
    /** {@code stty size} prints rows, then columns; 0 where the terminal does not know. */
    private static final Pattern SIZE = Pattern.compile("\\d+ ([1-9]\\d{0,4})\\s*");

    private static final int USUAL = 80;
    private static final Set<String> YES = Set.of("y", "yes");

    private final Commands commands;
    private final PrintStream err;

    LocalTerminal(Commands commands, PrintStream err) {
        this.commands = commands;
        this.err = err;
    }

    @Override
    public boolean canAsk() {
        return System.console() != null;
    }

    /** The question goes where errors go: what is printed may be a document. */
    @Override
    public boolean confirm(String question) {
        Console console = System.console();
        err.print(question + " [y/N] ");
        err.flush();
        String answer = console == null ? null : console.readLine();
        return answer != null && YES.contains(answer.strip().toLowerCase(Locale.ROOT));
    }

    @Override
    public OptionalInt columns() {
        try {
            Path device = Files.readSymbolicLink(ERRORS);
            return DEVICE.matcher(device.toString()).matches() ? OptionalInt.of(width(device)) : OptionalInt.empty();
        } catch (IOException e) {
            return OptionalInt.empty(); // closed, or no /proc: nobody looks
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
