package io.stillframe.storage.lvm;

import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Commands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One volume group, {@code vg}, in memory: it answers what LVM 2.03.16 answers to the commands that we give. */
final class FakeLvm implements Commands {
    private static final Pattern SELECTED = Pattern.compile("\"([^\"]+)\"");
    private static final int REFUSED = 5;

    final Map<String, Fake> volumes = new TreeMap<>();
    /** Devices that only the kernel knows, or that stay suspended, by name. */
    final Set<String> suspended = new TreeSet<>();

    final Set<String> strays = new TreeSet<>();
    /** Volumes whose layer below their snapshots is in the kernel. */
    final Set<String> layered = new TreeSet<>();
    /** Volumes with a table in the kernel that refers to such a layer, which keeps it there. */
    final Set<String> loaded = new TreeSet<>();
    /** Volumes that somebody has open while lvs is asked for the first time, and no more afterwards. */
    final Set<String> lookedAt = new TreeSet<>();

    final List<List<String>> given = new ArrayList<>();
    private int made;
    /** Volumes that a pool has made for a command that was killed before it had the pool count them. */
    private final Set<String> uncounted = new TreeSet<>();
    /** What the kernel's pools have come to. */
    private long transaction = 1;

    long free = 1L << 30;
    boolean groupIsThere = true;
    /** As lvm.conf says it. */
    int autoextendThreshold = 100;
    /** Commands that do what they do, while their answer is lost. */
    Predicate<List<String>> lost = argv -> false;
    /** Those that are killed when a thin volume is written down and the pool has not made it. */
    Predicate<List<String>> writtenDown = argv -> false;
    /** Commands that are killed before they do anything. */
    Predicate<List<String>> killed = argv -> false;

    /** Commands to which LVM says no. */
    Predicate<List<String>> refused = argv -> false;

    /** A volume; what {@code lvs} says of it. */
    static final class Fake {
        final Map<String, String> fields = new LinkedHashMap<>();
        final Set<String> tags = new LinkedHashSet<>();

        Fake with(String field, String value) {
            fields.put(field, value);
            return this;
        }

        String get(String field) {
            return fields.getOrDefault(field, "");
        }
    }

    Fake thick(String name, long size) {
        return add(name, size, "linear", "public");
    }

    Fake pool(String name, double data, double metadata) {
        return add(name, 1L << 30, "thin,pool", "private")
                .with("data_percent", String.valueOf(data))
                .with("metadata_percent", String.valueOf(metadata));
    }

    Fake thin(String name, long size, String pool) {
        return add(name, size, "thin,sparse", "public").with("pool_lv", pool).with("transaction_id", "0");
    }

    private Fake add(String name, long size, String layout, String role) {
        Fake fake = new Fake()
                .with("lv_size", String.valueOf(size))
                .with("lv_layout", layout)
                .with("lv_role", role)
                .with("lv_active", "active")
                .with("lv_uuid", "u-" + made++ + "-end");
        volumes.put(name, fake);
        return fake;
    }

    /** Whether a command is the one that takes a snapshot. */
    static boolean takes(List<String> argv) {
        return argv.get(0).equals("lvconvert") || argv.contains("--snapshot");
    }

    /** The commands given that change something, without their options' noise: {@code lvremove vg/x}. */
    List<String> changes() {
        return given.stream()
                .filter(argv -> !List.of("lvs", "lvmconfig").contains(argv.get(0)))
                .filter(argv -> !argv.contains("info") && !argv.contains("status"))
                .map(argv -> String.join(" ", argv))
                .toList();
    }

    @Override
    public Exit run(List<String> argv, Duration limit) {
        given.add(argv);
        if (killed.test(argv)) {
            return new Exit(137, "", "");
        }
        if (refused.test(argv)) {
            return refused("Cannot do that.");
        }
        Exit exit = answer(argv);
        if (lost.test(argv)) {
            throw new CommandException("%s did not end within %s".formatted(argv.get(0), limit));
        }
        return exit;
    }

    private Exit answer(List<String> argv) {
        return switch (argv.get(0)) {
            case "lvs" -> lvs(argv);
            case "lvmconfig" -> new Exit(0, "thin_pool_autoextend_threshold=%d\n".formatted(autoextendThreshold), "");
            case "lvcreate" -> lvcreate(argv);
            case "lvconvert" -> lvconvert(argv);
            case "lvchange" -> lvchange(argv);
            case "lvremove" -> lvremove(argv);
            case "lvrename" -> lvrename(argv);
            case "dmsetup" ->
                switch (argv.get(1)) {
                    case "remove" -> takeDown(argv);
                    case "status" -> status();
                    case "message" -> message(argv);
                    default -> devices();
                };
            default -> throw new CommandException("no such program: " + argv.get(0));
        };
    }

    private Exit lvs(List<String> argv) {
        if (!groupIsThere) {
            return new Exit(REFUSED, "", "  Volume group \"vg\" not found\n  Cannot process volume group vg\n");
        }
        List<String> fields = List.of(argv.get(argv.indexOf("--options") + 1).split(","));
        String rows = volumes.keySet().stream()
                .map(name -> fields.stream()
                        .map(field -> "\"%s\":\"%s\"".formatted(field, field(name, field)))
                        .collect(Collectors.joining(", ", "{", "}")))
                .collect(Collectors.joining(","));
        if (fields.contains("lv_device_open")) {
            lookedAt.clear();
        }
        return new Exit(0, "{\"report\": [{\"lv\": [%s]}]}".formatted(rows), "");
    }

    private String field(String name, String field) {
        Fake fake = volumes.get(name);
        return switch (field) {
            case "vg_name" -> "vg";
            case "vg_uuid" -> "VG-UUID";
            case "vg_free" -> String.valueOf(free);
            case "vg_extent_size" -> "4194304";
            case "lv_name" -> name;
            case "lv_path" -> "/dev/vg/" + name;
            case "lv_dm_path" -> "/dev/mapper/vg-" + name.replace("-", "--");
            case "lv_tags" -> String.join(",", fake.tags);
            case "lv_device_open" -> lookedAt.contains(name) ? "open" : fake.get(field);
            case "chunk_size" -> fake.fields.getOrDefault(field, "4096");
            default -> fake.get(field);
        };
    }

    private Exit lvcreate(List<String> argv) {
        String name = option(argv, "--name").orElseThrow();
        if (volumes.containsKey(name)) {
            return refused("Logical Volume \"%s\" already exists in volume group \"vg\"".formatted(name));
        }
        Fake fake;
        if (argv.contains("--snapshot")) {
            String origin = bare(last(argv));
            if (!volumes.containsKey(origin)) {
                return refused("Snapshot origin LV %s not found in Volume group vg.".formatted(origin));
            }
            fake = thin(name, size(origin), volumes.get(origin).get("pool_lv"))
                    .with("origin", origin)
                    .with("transaction_id", String.valueOf(transaction))
                    .with("thin_id", String.valueOf(made));
            if (writtenDown.test(argv)) {
                fake.tags.addAll(options(argv, "--addtag"));
                uncounted.add(fake.get("thin_id"));
                return new Exit(137, "", "");
            }
            transaction++;
        } else {
            long size = Long.parseLong(option(argv, "--size").orElseThrow().replace("b", ""));
            if (size % 512 != 0) {
                return new Exit(3, "", "  Size is not a multiple of 512. Try using a smaller or a larger one.\n");
            }
            if (size > free) {
                return refused("Volume group \"vg\" has insufficient free space");
            }
            free -= size;
            fake = thick(name, size);
        }
        fake.with("lv_active", option(argv, "--activate").orElse("y").equals("y") ? "active" : "");
        fake.tags.addAll(options(argv, "--addtag"));
        return done();
    }

    private Exit lvconvert(List<String> argv) {
        Fake cow = volumes.get(bare(last(argv)));
        String origin = bare(argv.get(argv.size() - 2));
        if (cow == null || !cow.get("origin").isEmpty()) {
            return refused("Unable to convert");
        }
        cow.with("origin", origin)
                .with("origin_size", volumes.get(origin).get("lv_size"))
                .with("lv_role", "public,snapshot,thicksnapshot")
                .with("lv_active", "active")
                .with("data_percent", "0.00");
        return done();
    }

    private Exit lvchange(List<String> argv) {
        Fake fake = volumes.get(bare(last(argv)));
        if (fake == null) {
            return refused("Failed to find logical volume");
        }
        if (option(argv, "--permission").isPresent()) {
            if (fake.get("lv_permissions").equals("read-only")) {
                return refused("Logical volume vg/%s is already read only.".formatted(bare(last(argv))));
            }
            fake.with("lv_permissions", "read-only");
        }
        if (fake.get("lv_role").contains("thicksnapshot")
                && option(argv, "--activate").filter("n"::equals).isPresent()) {
            throw new AssertionError("LVM would do this to the snapshot's origin: " + argv);
        }
        if (argv.contains("--refresh")) {
            suspended.clear();
            if (layered.contains(bare(last(argv))) && !loaded.isEmpty()) {
                return refused("Device vg-%s-real is used by another device.".formatted(bare(last(argv))));
            }
            layered.remove(bare(last(argv)));
        }
        if (option(argv, "--activate").filter("n"::equals).isPresent()) {
            loaded.remove(bare(last(argv)));
        }
        fake.tags.addAll(options(argv, "--addtag"));
        fake.tags.removeAll(options(argv, "--deltag"));
        option(argv, "--activate").ifPresent(active -> fake.with("lv_active", active.equals("y") ? "active" : ""));
        return done();
    }

    private Exit lvremove(List<String> argv) {
        String name = bare(last(argv));
        Fake fake = volumes.get(name);
        if (fake == null) {
            return refused("Failed to find logical volume \"vg/%s\"".formatted(name));
        }
        if (fake.get("lv_device_open").equals("open")) {
            return refused("Logical volume vg/%s in use.".formatted(name));
        }
        if (uncounted.contains(fake.get("thin_id"))) {
            return refused("Failed to process message \"create_snap\": File exists");
        }
        Matcher selected = SELECTED.matcher(option(argv, "--select").orElse(""));
        if (selected.results().allMatch(tag -> fake.tags.contains(tag.group(1)))) {
            volumes.remove(name);
        }
        return done();
    }

    private Exit lvrename(List<String> argv) {
        String from = argv.get(argv.size() - 2);
        String to = last(argv);
        if (!volumes.containsKey(from) || volumes.containsKey(to)) {
            return refused("Existing logical volume \"%s\" not found, or \"%s\" exists".formatted(from, to));
        }
        volumes.put(to, volumes.remove(from));
        volumes.values().stream()
                .filter(other -> other.get("origin").equals(from))
                .forEach(other -> other.with("origin", to));
        return done();
    }

    private Exit devices() {
        Stream<String> known = volumes.entrySet().stream()
                .map(volume -> "vg-%s/LVM-VGUUID%s"
                        .formatted(
                                volume.getKey().replace("-", "--"),
                                volume.getValue().get("lv_uuid").replace("-", "")));
        List<String> lines = new ArrayList<>(known.map(device -> line(device)).toList());
        layered.forEach(name -> lines.add("Active/vg-%s-real/LVM-VGUUID%s-real"
                .formatted(
                        name.replace("-", "--"),
                        volumes.get(name).get("lv_uuid").replace("-", ""))));
        strays.forEach(stray -> lines.add("Active/%s/LVM-VGUUIDgone".formatted(stray)));
        return new Exit(0, lines.isEmpty() ? "No devices found\n" : String.join("\n", lines) + "\n", "");
    }

    private String line(String device) {
        boolean held = suspended.contains(device.substring(0, device.indexOf('/')));
        return (held ? "Suspended/" : "Active/") + device;
    }

    /** A pool that has made what is only written down makes it no second time. */
    private Exit message(List<String> argv) {
        uncounted.removeIf(id -> last(argv).equals("delete " + id));
        return done();
    }

    private Exit status() {
        String pools = volumes.entrySet().stream()
                .filter(volume -> volume.getValue().get("lv_layout").equals("thin,pool"))
                .map(volume ->
                        "vg-%s-tpool: 0 2097152 thin-pool %d 11/1024 0/16384 - rw discard_passdown queue_if_no_space - 1024\n"
                                .formatted(volume.getKey().replace("-", "--"), transaction))
                .collect(Collectors.joining());
        return new Exit(0, pools, "");
    }

    private Exit takeDown(List<String> argv) {
        return strays.remove(last(argv)) ? done() : new Exit(1, "", "Device not found");
    }

    private long size(String name) {
        return Long.parseLong(volumes.get(name).get("lv_size"));
    }

    private static Optional<String> option(List<String> argv, String name) {
        return options(argv, name).stream().findFirst();
    }

    private static List<String> options(List<String> argv, String name) {
        return Stream.iterate(0, i -> i + 1)
                .limit(argv.size())
                .filter(i -> argv.get(i).equals(name))
                .map(i -> argv.get(i + 1))
                .toList();
    }

    private static String last(List<String> argv) {
        return argv.get(argv.size() - 1);
    }

    private static String bare(String name) {
        return name.substring(name.indexOf('/') + 1);
    }

    private static Exit refused(String why) {
        return new Exit(REFUSED, "", "  " + why + "\n");
    }

    private static Exit done() {
        return new Exit(0, "", "");
    }
}
