package io.stillframe.storage.lvm;

import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Commands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
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
    /** Fields that have a word, or none. */
    private static final Set<String> BINARY = Set.of(
            "vg_shared",
            "vg_clustered",
            "vg_exported",
            "vg_partial",
            "lv_device_open",
            "lv_merging",
            "lv_merge_failed",
            "lv_snapshot_invalid");

    final Map<String, Fake> volumes = new TreeMap<>();
    /** Devices that only the kernel knows, or that stay suspended, by name. */
    final Set<String> suspended = new TreeSet<>();

    /** Devices that have a table which is not in use, as of a snapshot that was never written down. */
    final Set<String> stale = new TreeSet<>();
    /** Whether such a table was put in use: what is written then is lost. */
    boolean wentStale;

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
    /** What else lvm.conf says, but for what a command is told. */
    final Map<String, String> conf = new HashMap<>(Map.of("list_item_separator", ","));
    /** How long each program was given at last. */
    final Map<String, Duration> limits = new HashMap<>();
    /** How many of dmsetup's lists meet a device that goes meanwhile: the first that is listed. */
    int vanishing;
    /** Commands that do what they do, while their answer is lost. */
    Predicate<List<String>> lost = argv -> false;
    /** Those that are killed when a thin volume is written down and the pool has not made it. */
    Predicate<List<String>> writtenDown = argv -> false;
    /** Those that fail when all is written down and the devices are not resumed. */
    Predicate<List<String>> unresumed = argv -> false;
    /** The devices, by their volumes' UUIDs, that have another name than LVM has written down. */
    private final Map<String, String> misnamed = new HashMap<>();
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
        limits.put(argv.get(0), limit);
        if (killed.test(argv)) {
            return new Exit(137, "", "");
        }
        if (refused.test(argv)) {
            return refused("Cannot do that.");
        }
        if (!suspended.isEmpty() && List.of("lvs", "lvchange").contains(argv.get(0)) && waits(argv)) {
            throw new CommandException("%s did not end within %s".formatted(argv.get(0), limit));
        }
        Exit exit = answer(argv);
        if (lost.test(argv)) {
            throw new CommandException("%s did not end within %s".formatted(argv.get(0), limit));
        }
        return exit;
    }

    /** Whether it reads what volumes hold, and lets none out that is suspended. */
    private boolean waits(List<String> argv) {
        return setting(argv, "scan_lvs").equals("1")
                && !setting(argv, "ignore_suspended_devices").equals("1");
    }

    private String setting(List<String> argv, String name) {
        Matcher told = Pattern.compile(name + "=\"?([^\" ]+)")
                .matcher(option(argv, "--config").orElse(""));
        return told.find() ? told.group(1) : conf.getOrDefault(name, "");
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
                    case "clear" -> {
                        stale.remove(last(argv));
                        yield done();
                    }
                    case "status" -> list(status());
                    case "message" -> message(argv);
                    default -> list(devices());
                };
            default -> throw new CommandException("no such program: " + argv.get(0));
        };
    }

    private Exit lvs(List<String> argv) {
        if (!groupIsThere) {
            return new Exit(REFUSED, "", "  Volume group \"vg\" not found\n  Cannot process volume group vg\n");
        }
        List<String> fields = List.of(argv.get(argv.indexOf("--options") + 1).split(","));
        boolean compact = setting(argv, "compact_output").equals("1");
        List<String> shown = fields.stream()
                .filter(field -> !compact
                        || volumes.keySet().stream()
                                .anyMatch(name -> !field(name, field).isEmpty()))
                .toList();
        String rows = volumes.keySet().stream()
                .map(name -> shown.stream()
                        .map(field -> "\"%s\":\"%s\"".formatted(field, printed(argv, name, field)))
                        .collect(Collectors.joining(", ", "{", "}")))
                .collect(Collectors.joining(","));
        if (fields.contains("lv_device_open")) {
            lookedAt.clear();
        }
        return new Exit(0, "{\"report\": [{\"lv\": [%s]}]}".formatted(rows), "");
    }

    private String printed(List<String> argv, String name, String field) {
        String value = field(name, field);
        if (BINARY.contains(field) && setting(argv, "binary_values_as_numeric").equals("1")) {
            return value.isEmpty() ? "0" : "1";
        }
        return List.of("lv_tags", "lv_layout", "lv_role").contains(field)
                ? value.replace(",", setting(argv, "list_item_separator"))
                : value;
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
            case "lv_dm_path" -> "/dev/mapper/" + mapped(name);
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
            if (!resumed(bare(last(argv)))) {
                return refused("Failed to rename");
            }
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
        if (!selected.results().allMatch(tag -> fake.tags.contains(tag.group(1)))) {
            return done();
        }
        if (fake.get("lv_role").contains("thicksnapshot") && unresumed.test(argv)) {
            fake.with("lv_role", "public").with("origin", "").with("data_percent", "");
            return refused("Failed to activate %s.".formatted(name));
        }
        volumes.remove(name);
        return done();
    }

    private Exit lvrename(List<String> argv) {
        String from = argv.get(argv.size() - 2);
        String to = last(argv);
        if (!volumes.containsKey(from) || volumes.containsKey(to)) {
            return refused("Existing logical volume \"%s\" not found, or \"%s\" exists".formatted(from, to));
        }
        String device = device(from);
        volumes.put(to, volumes.remove(from));
        volumes.values().stream()
                .filter(other -> other.get("origin").equals(from))
                .forEach(other -> other.with("origin", to));
        suspended.add(device);
        misnamed.put(volumes.get(to).get("lv_uuid"), device);
        return unresumed.test(argv) || !resumed(to) ? refused("Problem reactivating logical volume vg/" + to) : done();
    }

    /** A device gets its volume's name before it goes on, unless another device has that. */
    private boolean resumed(String name) {
        String uuid = volumes.get(name).get("lv_uuid");
        boolean taken = misnamed.entrySet().stream()
                .anyMatch(other ->
                        !other.getKey().equals(uuid) && other.getValue().equals(mapped(name)));
        if (taken) {
            return false;
        }
        wentStale |= suspended.remove(device(name)) && stale.remove(device(name));
        misnamed.remove(uuid);
        return true;
    }

    /** The name of a volume's device, which a command that was interrupted may have left as it was. */
    String device(String name) {
        return misnamed.getOrDefault(volumes.get(name).get("lv_uuid"), mapped(name));
    }

    private static String mapped(String name) {
        return "vg-" + name.replace("-", "--");
    }

    /** One that cannot be asked for what it lists fails, and prints the others. */
    private Exit list(Exit all) {
        return vanishing-- > 0
                ? new Exit(1, all.stdout().substring(all.stdout().indexOf('\n') + 1), "Device does not exist.\n")
                : all;
    }

    private Exit devices() {
        Stream<String> known = volumes.entrySet().stream()
                .map(volume -> "%s/LVM-VGUUID%s"
                        .formatted(
                                device(volume.getKey()),
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
