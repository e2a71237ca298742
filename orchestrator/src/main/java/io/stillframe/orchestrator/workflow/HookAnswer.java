package io.stillframe.orchestrator.workflow;

import io.stillframe.guest.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the guest's kit says of one hook: {@code NAME WORD NUMBER}, and below that, each line after a blank, what the hook
 * itself said. It comes from the guest, and is bounded: so many hooks, so much of what each says.
 *
 * @param word {@code held} or {@code failed} at the freeze, {@code released} or {@code lost} at the thaw, {@code ok} or
 *     {@code failed} of a check
 * @param number the milliseconds of a hold that was released; of what failed or was lost, what its hook ended with
 * @param said fit for a message
 */
record HookAnswer(String hook, String word, long number, String said) {
    private static final Pattern ANSWER =
            Pattern.compile("([A-Za-z0-9_-]{1,64}) (held|failed|released|lost|ok) ([0-9]{1,9})");

    private static final int MOST_HOOKS = 64;
    private static final int MOST_LINES = 20;

    /** As the kit's script printed them; what is not of their form is left out. */
    static List<HookAnswer> of(String stdout) {
        List<HookAnswer> answers = new ArrayList<>();
        List<String> said = new ArrayList<>();
        Optional<Matcher> current = Optional.empty();
        for (String line : stdout.lines().toList()) {
            Matcher answer = ANSWER.matcher(line);
            if (answer.matches()) {
                current.map(of -> of(of, said)).ifPresent(answers::add);
                current = Optional.of(answer);
                said.clear();
            } else if (line.startsWith(" ") && !line.isBlank() && said.size() < MOST_LINES) {
                said.add(line.strip());
            }
        }
        current.map(of -> of(of, said)).ifPresent(answers::add);
        return answers.stream().limit(MOST_HOOKS).toList();
    }

    private static HookAnswer of(Matcher answer, List<String> said) {
        return new HookAnswer(
                answer.group(1),
                answer.group(2),
                Long.parseLong(answer.group(3)),
                Printable.of(String.join("; ", said)));
    }

    boolean is(String other) {
        return word.equals(other);
    }

    /** Of one that failed: with what, and what it said. */
    String failure() {
        String ended = number == 124 || number == 137 || number == 143
                ? "did not end in time"
                : "failed (%d)".formatted(number);
        return said.isEmpty() ? "%s %s".formatted(hook, ended) : "%s %s: %s".formatted(hook, ended, said);
    }
}
