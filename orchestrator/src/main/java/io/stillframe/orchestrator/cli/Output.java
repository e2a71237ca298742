package io.stillframe.orchestrator.cli;

import io.stillframe.orchestrator.recovery.Finding;
import io.stillframe.orchestrator.workflow.Problem;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Prints results to stdout and errors to stderr. Names and messages may hold whatever a guest or a domain's owner put
 * there, so nothing reaches a terminal with a control character in it.
 */
final class Output {
    private final PrintStream out;
    private final PrintStream err;
    private final List<Finding> noted = new ArrayList<>();

    Output(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** Another one that prints to the same streams: what is noted there is not noted here. */
    Output apart() {
        return new Output(out, err);
    }

    void line(String text) {
        out.println(printable(text));
    }

    /** A text of several lines, all of it our own. */
    void document(String text) {
        out.print(text);
    }

    /** What another process has printed as a result. */
    void pass(String text) {
        out.print(text);
        out.flush();
    }

    /** Where errors and progress go. */
    PrintStream errors() {
        return err;
    }

    void json(Object document) {
        out.println(escaped(Json.MAPPER.writeValueAsString(document)));
    }

    /** A line of something wrong, on stderr. */
    void complaint(String text) {
        err.println(printable(text));
    }

    /** What recovery met, on stderr: it is news beside the command's own result. */
    void note(Finding finding) {
        noted.add(finding);
        complaint("%s: %s%s"
                .formatted(
                        finding.status() == Finding.Status.DONE ? "recovered" : "warning",
                        finding.vm().map("vm '%s': "::formatted).orElse(""),
                        finding.detail()));
    }

    /**
     * Whether it was noted that a guest may be frozen: the command's own result must not hide that.
     *
     * @param outdated what was noted and is so no more
     */
    boolean mayBeFrozen(List<Finding> outdated) {
        return noted.stream()
                .filter(finding -> finding.status() == Finding.Status.MAY_BE_FROZEN)
                .anyMatch(finding -> !outdated.contains(finding));
    }

    void error(Problem problem) {
        err.println("error: " + printable(problem.message()));
        if (!problem.hint().isEmpty()) {
            err.println("hint: " + printable(problem.hint()));
        }
    }

    /** Rows in columns as wide as they need to be, under a heading; the last column is not padded. */
    void table(List<String> heading, List<List<String>> rows) {
        List<List<String>> all = new ArrayList<>();
        all.add(heading);
        rows.forEach(row -> all.add(row.stream().map(Output::printable).toList()));
        int[] widths = IntStream.range(0, heading.size())
                .map(column -> width(all, column))
                .toArray();
        for (List<String> row : all) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < row.size(); column++) {
                line.append(row.get(column));
                if (column < row.size() - 1) {
                    line.append(" ".repeat(widths[column] - row.get(column).length() + 2));
                }
            }
            out.println(line);
        }
    }

    private static int width(List<List<String>> rows, int column) {
        return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
    }

    /** Replaces what could move a cursor, colour a line or hide text: control and format characters. */
    static String printable(String text) {
        return replaced(text, c -> "\uFFFD");
    }

    /** The same document without them; JSON itself demands it only of those below U+0020, and Jackson does no more. */
    private static String escaped(String json) {
        return replaced(json, c -> c == '\n' ? "\n" : escape(c));
    }

    private static String escape(int c) {
        return new String(Character.toChars(c))
                .chars()
                .mapToObj("\\u%04x"::formatted)
                .collect(Collectors.joining());
    }

    private static String replaced(String text, IntFunction<String> instead) {
        StringBuilder replaced = new StringBuilder(text.length());
        int rest = 0;
        for (int i = 0, next; i < text.length(); i = next) {
            int c = text.codePointAt(i);
            next = i + Character.charCount(c);
            if (isHidden(c)) {
                replaced.append(text, rest, i).append(instead.apply(c));
                rest = next;
            }
        }
        return replaced.append(text, rest, text.length()).toString();
    }

    private static boolean isHidden(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }

    /** Made once, and only where it is needed. */
    private static final class Json {
        static final JsonMapper MAPPER = JsonMapper.builder()
                .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                .enable(SerializationFeature.INDENT_OUTPUT)
                .build();
    }
}
