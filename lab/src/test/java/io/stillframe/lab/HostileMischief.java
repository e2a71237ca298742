package io.stillframe.lab;

import java.util.List;
import java.util.stream.Stream;

/**
 * What an agent is told to do, in the language of {@code lab/guest-image/hostile.c}, and the statuses that commands may
 * then end with; none where a command is not run.
 */
record HostileMischief(
        String name, List<String> orders, List<Integer> doctor, List<Integer> snapshot, List<Integer> crash) {
    /** Colours, a window title, a text turned around, a line of its own, and the short form of a sequence. */
    static final String ESCAPES = "\\u001b[31m\\u001b]0;title\\u0007\\u202e\\u2028\\u009b2J";

    /** A guest that calls one of its two mountpoints so. */
    static final String ESCAPES_IN_A_NAME = "on guest-get-fsinfo say " + filesystems("/" + ESCAPES, "vfat");

    static Stream<HostileMischief> beforeTheFreeze() {
        return Stream.of(replies(), contents()).flatMap(List::stream);
    }

    static Stream<HostileMischief> aboutTheFreeze() {
        return Stream.of(freezes(), thaws()).flatMap(List::stream);
    }

    /** Replies that break the protocol: the guest is left alone, unless crash will do. */
    private static List<HostileMischief> replies() {
        return List.of(
                of("a reply of 20 MiB", "on guest-info flood 20971520")
                        .doctor(3)
                        .snapshot(3),
                of("the longest reply that libvirt passes on", "on guest-info flood 4000000")
                        .doctor(3)
                        .snapshot(3),
                of("100,000 lists in one another", "on guest-info nest 100000")
                        .doctor(3)
                        .snapshot(3)
                        .crash(0),
                of("the deepest reply that libvirt passes on", "on guest-info nest 120")
                        .doctor(3)
                        .snapshot(3),
                of("a reply without an end", "on guest-info endless").doctor(3).snapshot(3),
                of("a byte each 200 ms", "on guest-info drip 200 {\"return\": {\"version\": \"7\"}}")
                        .doctor(3)
                        .snapshot(3),
                of("the port closed instead of an answer", "on guest-info close")
                        .doctor(3)
                        .snapshot(3)
                        .crash(0),
                of("the answer to another sync", "on guest-sync say {\"return\": 4711}")
                        .doctor(3)
                        .snapshot(3),
                // libvirt syncs when it has just connected, and not again
                of(
                                "the answer to another sync of libvirt's",
                                "on guest-sync-delimited say {\"return\": 4711}",
                                "on guest-sync say {\"return\": 4711}",
                                "reconnect")
                        .doctor(3)
                        .snapshot(3),
                // what was sent before the right answer may be taken for it
                of(
                                "answers to commands that were never sent",
                                "on guest-sync chatter 1000 {\"return\": 1}",
                                "on guest-info chatter 1000 {\"return\": {\"pid\": 1}}")
                        .doctor(0, 3)
                        .snapshot(1, 3),
                of("no JSON at all", "on guest-info say " + "x".repeat(60_000))
                        .doctor(3)
                        .snapshot(3));
    }

    /** Replies that say what cannot be, before anything is frozen. */
    private static List<HostileMischief> contents() {
        return List.of(
                of("text that is not UTF-8", "on guest-get-fsinfo say " + filesystems("/\u00ff\u00fe\u0080", "ext4"))
                        .doctor(3)
                        .snapshot(3),
                of("10,000 filesystems", "on guest-get-fsinfo filesystems 10000 10")
                        .doctor(3)
                        .snapshot(3),
                of("names of megabytes", "on guest-get-fsinfo filesystems 3 2097152")
                        .doctor(3)
                        .snapshot(3),
                // whoever lies about this froze nothing either: the disk says so
                of("terminal sequences in a name", ESCAPES_IN_A_NAME).doctor(0).snapshot(1),
                of(
                                "terminal sequences in an error",
                                "on guest-fsfreeze-status say {\"error\": {\"class\": \"GenericError\", \"desc\": \"%s\"}}"
                                        .formatted(ESCAPES))
                        .doctor(3)
                        .snapshot(3),
                of("frozen all the time", "on guest-fsfreeze-status say {\"return\": \"frozen\"}")
                        .doctor(3)
                        .snapshot(3)
                        .crash(3),
                of("a program with the pid -5", "on guest-exec say {\"return\": {\"pid\": -5}}")
                        .snapshot(3),
                of("a program with 4 MB of output", "on guest-exec-status flood 4000000")
                        .snapshot(3));
    }

    /** Lies about the freeze: it failed and nothing is left of it, or it is crash where that will do. */
    private static List<HostileMischief> freezes() {
        return List.of(
                of("-1 filesystems frozen", "on guest-fsfreeze-freeze say {\"return\": -1}")
                        .snapshot(1)
                        .crash(0),
                of("2^31 filesystems frozen", "on guest-fsfreeze-freeze say {\"return\": 2147483648}")
                        .snapshot(1),
                of("10^30 filesystems frozen", "on guest-fsfreeze-freeze say {\"return\": 1" + "0".repeat(30) + "}")
                        .snapshot(1),
                of("10,000 filesystems frozen", "on guest-fsfreeze-freeze say {\"return\": 10000}")
                        .snapshot(1),
                of("the port closed at the freeze", "on guest-fsfreeze-freeze close")
                        .snapshot(1)
                        .crash(0),
                of("no answer to the freeze", "on guest-fsfreeze-freeze hang").snapshot(1),
                of("1 filesystem frozen and 0 thawed", "on guest-fsfreeze-thaw say {\"return\": 0}")
                        .snapshot(1)
                        .crash(0),
                // which no question that is asked can bring to light, and the disk does
                of("thawed while it is frozen", "frozen guest-fsfreeze-status say {\"return\": \"thawed\"}")
                        .snapshot(1));
    }

    /** No thaw is ever confirmed. */
    private static List<HostileMischief> thaws() {
        return List.of(
                of("a freeze whose answer has no end", "on guest-fsfreeze-freeze endless")
                        .snapshot(4),
                of("-1 filesystems thawed", "on guest-fsfreeze-thaw say {\"return\": -1}")
                        .snapshot(4),
                of("no answer to the thaw", "on guest-fsfreeze-thaw hang").snapshot(4),
                of("the port closed at each thaw", "on guest-fsfreeze-thaw close")
                        .snapshot(4),
                of("frozen for ever after", "frozen guest-fsfreeze-status say {\"return\": \"frozen\"}")
                        .snapshot(4));
    }

    private static HostileMischief of(String name, String... orders) {
        return new HostileMischief(name, List.of(orders), List.of(), List.of(), List.of());
    }

    private HostileMischief doctor(Integer... statuses) {
        return new HostileMischief(name, orders, List.of(statuses), snapshot, crash);
    }

    private HostileMischief snapshot(Integer... statuses) {
        return new HostileMischief(name, orders, doctor, List.of(statuses), crash);
    }

    /** With {@code --require crash}. */
    private HostileMischief crash(Integer... statuses) {
        return new HostileMischief(name, orders, doctor, snapshot, List.of(statuses));
    }

    /** Two filesystems, the first as told. */
    private static String filesystems(String mountpoint, String type) {
        return ("{\"return\": [{\"name\": \"vdb\", \"mountpoint\": \"%s\", \"type\": \"%s\", \"disk\": []}, "
                        + "{\"name\": \"vda\", \"mountpoint\": \"/mnt/vda\", \"type\": \"ext4\", \"disk\": []}]}")
                .formatted(mountpoint, type);
    }

    @Override
    public String toString() {
        return name;
    }
}
