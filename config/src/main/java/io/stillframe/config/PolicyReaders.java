package io.stillframe.config;

import io.stillframe.config.Keep.Period;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The readers of a policy and its parts. */
final class PolicyReaders {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?");
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
    private static final String SCHEDULE = "one such as \"0 2 * * *\", \"@daily\", { every: 15m }, or a list of these";

    private static final ZoneId UTC = ZoneId.of("UTC");

    private PolicyReaders() {}

    /** @param standard what holds for a policy that says nothing else */
    static Reader<Map<String, Policy>> policies(Demands standard) {
        return Shapes.named(
                "a policy",
                NAME,
                name -> Shapes.mapping("a policy", "select, schedule, keep and the rest", fields -> {
                    Optional<Select> select = fields.require(
                            "select", "the machines it is for, such as { names: [\"web-*\"], tags: [prod] }", select());
                    Optional<Timetable> timetable = timetable(fields);
                    Optional<Keep> keep =
                            fields.find("keep", "what of its snapshots is kept; without it all of them are", keep());
                    Demands demands = demands(fields, standard);
                    Grouping grouping = fields.read(
                            "group",
                            "true: all machines at one instant, or none; keep-others: where one fails the others' are kept",
                            grouping(),
                            Grouping.NONE);
                    return select.flatMap(machines ->
                            timetable.map(times -> new Policy(name, machines, times, keep, demands, grouping)));
                }));
    }

    private static Reader<Select> select() {
        Reader<List<Glob>> globs = Shapes.list(
                "names such as [\"web-*\", \"db01\"]",
                Readers.scalar(
                        "a name",
                        "one that is not empty",
                        Map.of("type", "string"),
                        text -> Optional.of(text)
                                .filter(name -> !name.isEmpty())
                                .map(Glob::new)));
        Reader<List<String>> tags = Shapes.list(
                "tags such as [prod]", Readers.text("a tag", "letters, digits, and . _ - after the first", TAG));
        return Shapes.mapping("a selection of machines", "names, tags, or both", fields -> {
            List<Glob> names = fields.read("names", "names, with * for any characters and ? for one", globs, List.of());
            List<String> tagged = fields.read("tags", "tags, of which one is enough", tags, List.of());
            List<Glob> exclude =
                    fields.read("exclude", "names of those that are left out all the same", globs, List.of());
            if (names.isEmpty() && tagged.isEmpty() && fields.sound()) {
                fields.refuse("selects nothing", "names, tags, or both");
            }
            return Optional.of(new Select(names, new LinkedHashSet<>(tagged), exclude));
        });
    }

    private static Optional<Timetable> timetable(Fields fields) {
        Optional<List<Recurrence>> schedule =
                fields.require("schedule", "when it is due: " + SCHEDULE, Shapes.oneOrMore(SCHEDULE, recurrence()));
        ZoneId zone = fields.read("zone", "whose clocks are meant by schedule and keep; UTC without it", zone(), UTC);
        Duration jitter = fields.read(
                "jitter",
                "how long at most each run is put off, so that not all begin at once",
                Readers.duration(Timetable.JITTER),
                Duration.ZERO);
        return schedule.map(times -> new Timetable(times, zone, jitter));
    }

    private static Reader<Recurrence> recurrence() {
        Reader<Recurrence> cron = Readers.explained(
                "a schedule",
                SCHEDULE,
                Map.of("type", "string"),
                (text, complaint) -> Cron.parse(text, complaint).map(times -> times));
        Reader<Recurrence> every = Shapes.mapping(
                "a schedule",
                SCHEDULE,
                fields -> fields.require("every", "a period such as 15m", Readers.duration(Recurrence.Every.PERIOD))
                        .map(Recurrence.Every::new));
        return new Reader<>(
                Map.of("anyOf", List.of(cron.schema(), every.schema())),
                (node, problems) -> (node instanceof Node.Mapping ? every : cron).read(node, problems));
    }

    private static Reader<ZoneId> zone() {
        return Readers.explained(
                "a time zone", "one such as Europe/Paris", Map.of("type", "string"), (text, complaint) -> {
                    if (ZoneId.getAvailableZoneIds().contains(text)) {
                        return Optional.of(ZoneId.of(text));
                    }
                    complaint.about("is not a time zone", "one such as " + nearestZone(text));
                    return Optional.empty();
                });
    }

    private static String nearestZone(String text) {
        return ZoneId.getAvailableZoneIds().stream()
                .filter(zone -> EditDistance.between(text, zone) <= 2)
                .min(Comparator.comparingInt((String zone) -> EditDistance.between(text, zone))
                        .thenComparing(Comparator.naturalOrder()))
                .orElse("Europe/Paris");
    }

    private static Reader<Keep> keep() {
        return Shapes.mapping("a rule of what is kept", "one such as { last: 3, daily: 7 }", fields -> {
            int last = fields.read("last", "so many of the newest", Readers.integer(Keep.COUNT), 0);
            Map<Period, Integer> periods = new EnumMap<>(Period.class);
            for (Period period : Period.values()) {
                String what = "the newest of each of the latest so many %ss that have any".formatted(period.noun());
                periods.put(period, fields.read(period.label(), what, Readers.integer(Keep.COUNT), 0));
            }
            Duration within = fields.read("within", "what is not older", Readers.duration(Keep.WITHIN), Duration.ZERO);
            Keep keep = new Keep(last, periods, within);
            if (keep.isNothing() && fields.sound()) {
                fields.refuse("keeps nothing", "at least one of last, within and the periods above 0");
            }
            return Optional.of(keep);
        });
    }

    private static Demands demands(Fields fields, Demands standard) {
        return new Demands(
                fields.read(
                        "require",
                        "the least that will do for a running machine",
                        Readers.requirement(),
                        standard.require()),
                fields.read(
                        "on-doubt",
                        "what becomes of a snapshot of which less was proved than is required",
                        Readers.onDoubt(standard.onDoubt()),
                        standard.onDoubt()),
                fields.read(
                        "freeze-limit",
                        "the longest that a guest may be frozen",
                        Readers.duration(Limits.FREEZE),
                        standard.freezeLimit()),
                Readers.hooks(fields, standard.hooks()));
    }

    /** Two of the three are booleans to an editor. */
    private static Reader<Grouping> grouping() {
        return Readers.scalar(
                "a way to take machines together",
                "one of false, true, keep-others",
                Map.of("enum", List.of(false, true, Grouping.KEEP_OTHERS.label())),
                text -> Stream.of(Grouping.values())
                        .filter(of -> of.label().equals(text))
                        .findFirst());
    }
}
