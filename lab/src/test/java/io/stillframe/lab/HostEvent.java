package io.stillframe.lab;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What the tests inside the host VM tell outside, one line each.
 *
 * @param id of the test or container in its plan; of {@link Kind#DONE} the number of tests that began
 * @param name for people: the class, what is nested in it, and the test
 * @param text the reason or the stack trace, empty after a success
 */
record HostEvent(Kind kind, String id, String name, String text) {
    /** In front of each such line: tests print to the same place. */
    private static final String MARK = "@host-event@";

    enum Kind {
        /** A test begins. */
        BEGAN,
        PASSED,
        FAILED,
        ABORTED,
        /** A test or a whole container does not run. */
        SKIPPED,
        /** What surrounds tests failed, such as a method before all of them. */
        BROKEN,
        /** The run has come to its end; without this it has not. */
        DONE
    }

    String line() {
        return List.of(kind.name(), id, name, text).stream()
                .map(HostEvent::escape)
                .collect(Collectors.joining("\t", MARK, ""));
    }

    /** Empty for a line that is something else. */
    static Optional<HostEvent> parse(String line) {
        if (!line.startsWith(MARK)) {
            return Optional.empty();
        }
        List<String> fields = Arrays.stream(line.substring(MARK.length()).split("\t", -1))
                .map(String::translateEscapes)
                .toList();
        return Optional.of(new HostEvent(Kind.valueOf(fields.get(0)), fields.get(1), fields.get(2), fields.get(3)));
    }

    private static String escape(String field) {
        return field.replace("\\", "\\\\")
                .replace("\t", "\\t")
                .replace("\n", "\\n")
                .replace("\r", "\\r");
    }
}
