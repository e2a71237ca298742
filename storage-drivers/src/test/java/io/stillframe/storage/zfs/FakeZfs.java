package io.stillframe.storage.zfs;

import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Commands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Pools of zvols whose devices are files. Answers as zfs 2.1.11 does, in what it prints and in what it refuses; its snapshots
 * and clones have the content that the zvol had.
 */
final class FakeZfs implements Commands {
    private static final Exit OK = new Exit(0, "", "");

    /** What happens to the next command whose verb is this, instead of its answer. */
    enum Fault {
        /** The process was killed before the kernel had the command. */
        KILLED_BEFORE,
        /** It was killed afterwards. */
        KILLED_AFTER,
        /** It did not end in time; nothing was done. */
        HUNG
    }

    final List<List<String>> given = new ArrayList<>();
    final Map<String, Fault> faults = new HashMap<>();
    /** What a verb is refused with. */
    final Map<String, String> refusals = new HashMap<>();
    /** Verbs before whose next command somebody has opened the device, who has closed it before the one after that. */
    final Set<String> looking = new HashSet<>();
    /** As {@code zpool list} prints them. */
    final Map<String, String> pools = new TreeMap<>();
    /** Properties of datasets and snapshots, oldest first; a local one has no tab in its value, others are value and source. */
    final Map<String, Map<String, String>> things = new LinkedHashMap<>();

    final Map<String, Set<String>> holds = new HashMap<>();
    private final Map<String, byte[]> contents = new HashMap<>();
    private final Map<String, Path> points = new HashMap<>();
    private final Host host;
    private int minors;

    FakeZfs(Host host) {
        this.host = host;
    }

    void pool(String name) {
        pools.put(name, name + "\t40\tONLINE\toff");
        dataset(name, "filesystem");
    }

    void dataset(String name, String type) {
        things.put(name, new HashMap<>(Map.of("type", type + "\t-", "available", "1000000000000\t-")));
    }

    /** A filesystem, mounted at a directory that is there. */
    void mounted(String name, Path point) {
        dataset(name, "filesystem");
        points.put(name, point);
    }

    Path zvol(String name, byte[] content) {
        dataset(name, "volume");
        return device(name, content);
    }

    /** The effects that were wanted, as one would type them. */
    List<String> effects() {
        Set<String> questions = Set.of("list", "get", "holds", "settle");
        return given.stream()
                .filter(argv -> !questions.contains(argv.get(1)))
                .map(argv -> String.join(" ", argv))
                .toList();
    }

    @Override
    public Exit run(List<String> argv, Duration limit) {
        given.add(argv);
        String verb = argv.get(1);
        Fault fault = faults.remove(verb);
        if (fault == Fault.HUNG) {
            throw new CommandException("%s did not end within %s".formatted(argv.get(0), limit));
        }
        if (looking.remove(verb)) {
            return error("cannot %s '%s': dataset is busy".formatted(verb, argv.get(argv.size() - 1)));
        }
        if (fault == Fault.KILLED_BEFORE) {
            return new Exit(137, "", "");
        }
        if (refusals.containsKey(verb)) {
            return new Exit(1, "", refusals.get(verb) + "\n");
        }
        Exit exit = answer(argv.get(0), verb, argv.subList(2, argv.size()));
        return fault == Fault.KILLED_AFTER ? new Exit(137, "", "") : exit;
    }

    private Exit answer(String program, String verb, List<String> arguments) {
        String last = arguments.get(arguments.size() - 1);
        return switch (program + " " + verb) {
            case "zpool list" ->
                pools.containsKey(last)
                        ? printed(Stream.of(pools.get(last)))
                        : error("cannot open '%s': no such pool".formatted(last));
            case "zpool sync" -> pools.containsKey(last) ? OK : error("cannot open '%s': no such pool".formatted(last));
            case "zfs list" ->
                arguments.contains("volume")
                        ? printed(volumes())
                        : arguments.contains("-rHp")
                                ? printed(things.keySet().stream()
                                        .filter(name -> name.startsWith(last) && name.contains("@")))
                                : things.containsKey(last) ? printed(snapshots(last)) : absent(last);
            case "zfs get" ->
                get(last, List.of(arguments.get(arguments.size() - 2).split(",", -1)));
            case "zfs holds" ->
                !things.containsKey(last)
                        ? absent(last)
                        : printed(heldBy(last).map(tag -> last + "\t" + tag + "\tThu Nov 26 15:00 2026"));
            case "zfs hold" -> {
                holds.computeIfAbsent(last, any -> new HashSet<>()).add(arguments.get(0));
                yield OK;
            }
            case "zfs release" -> {
                holds.get(last).remove(arguments.get(0));
                yield OK;
            }
            case "zfs snapshot" -> snapshot(operands(arguments), options(arguments));
            case "zfs clone" -> clone(operands(arguments), options(arguments));
            case "zfs destroy" -> destroy(last);
            case "zfs set" -> set(arguments.get(0).substring("volsize=".length()), last);
            case "udevadm settle" -> OK;
            default -> throw new IllegalArgumentException("not a command of ours: " + program + " " + verb);
        };
    }

    private Exit get(String name, List<String> properties) {
        if (!things.containsKey(name)) {
            return absent(name);
        }
        return printed(properties.stream().map(property -> property + "\t" + setting(name, property)));
    }

    private String setting(String name, String property) {
        if (property.equals("clones")) {
            return clonesOf(name).collect(Collectors.joining(",")) + "\t-";
        }
        if (property.equals("volsize") && contents(name) != null) {
            return contents(name).length + "\tlocal";
        }
        String value = things.get(name).get(property);
        if (value != null) {
            return value.contains("\t") ? value : value + "\tlocal";
        }
        String parent = datasetOf(name);
        boolean handedDown = !parent.equals(name) && things.get(parent).containsKey(property);
        return handedDown ? things.get(parent).get(property) + "\tinherited from " + parent : "-\t-";
    }

    private Exit snapshot(List<String> names, Map<String, String> properties) {
        List<String> taken = names.stream().filter(things::containsKey).toList();
        if (!taken.isEmpty()) {
            return error("cannot create snapshot '%s': dataset already exists\nno snapshots were created"
                    .formatted(taken.get(0)));
        }
        names.forEach(name -> {
            things.put(name, new HashMap<>(properties));
            things.get(name).put("used", "4096\t-");
            things.get(name).put("referenced", "1000000\t-");
            byte[] content = contents(datasetOf(name));
            if (content != null) {
                contents.put(name, content);
            }
            keepFiles(name);
        });
        return OK;
    }

    /** The files of a dataset as they are now, where the kernel would show them. */
    private void keepFiles(String snapshot) {
        Path point = points.get(datasetOf(snapshot));
        if (point == null) {
            return;
        }
        try (Stream<Path> files = Files.walk(point)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (!file.startsWith(point.resolve(".zfs"))) {
                    Path kept = point.resolve(".zfs/snapshot")
                            .resolve(snapshot.substring(snapshot.indexOf('@') + 1))
                            .resolve(point.relativize(file));
                    Files.createDirectories(kept.getParent());
                    Files.copy(file, kept, StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Exit clone(List<String> operands, Map<String, String> properties) {
        String name = operands.get(1);
        if (things.containsKey(name)) {
            return error("cannot create '%s': dataset already exists".formatted(name));
        }
        things.put(name, new HashMap<>(properties));
        things.get(name).put("origin", operands.get(0) + "\t-");
        device(name, contents.get(operands.get(0)));
        return OK;
    }

    private Exit destroy(String name) {
        if (!things.containsKey(name)) {
            return error("could not find any snapshots to destroy; check snapshot names.");
        }
        if (clonesOf(name).findAny().isPresent()) {
            return error(
                    "cannot destroy '%s': snapshot has dependent clones\nuse '-R' to destroy the following datasets:"
                            .formatted(name));
        }
        if (heldBy(name).findAny().isPresent()) {
            return error("cannot destroy snapshot %s: dataset is busy".formatted(name));
        }
        if (snapshots(name).findAny().isPresent()) {
            return error("cannot destroy '%s': volume has children".formatted(name));
        }
        things.remove(name);
        contents.remove(name);
        try {
            Files.deleteIfExists(host.device(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return OK;
    }

    private Exit set(String bytes, String zvol) {
        byte[] content = Arrays.copyOf(contents(zvol), Integer.parseInt(bytes));
        write(host.device(zvol), content);
        return OK;
    }

    private Stream<String> volumes() {
        return things.keySet().stream()
                .filter(name -> !name.contains("@") && setting(name, "type").startsWith("volume"));
    }

    private Stream<String> snapshots(String dataset) {
        return List.copyOf(things.keySet()).stream().filter(name -> name.startsWith(dataset + "@"));
    }

    private Stream<String> clonesOf(String snapshot) {
        return things.keySet().stream()
                .filter(name -> (snapshot + "\t-").equals(things.get(name).get("origin")));
    }

    private Stream<String> heldBy(String snapshot) {
        return holds.getOrDefault(snapshot, Set.of()).stream();
    }

    private Path device(String zvol, byte[] content) {
        Path device = host.dev().resolve("zd" + 16 * minors++);
        write(device, content);
        try {
            Files.createDirectories(host.device(zvol).getParent());
            Files.createSymbolicLink(host.device(zvol), device);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return device;
    }

    private byte[] contents(String name) {
        try {
            Path device = host.device(name);
            return name.contains("@") ? contents.get(name) : Files.exists(device) ? Files.readAllBytes(device) : null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path file, byte[] content) {
        try {
            Files.write(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String datasetOf(String name) {
        return name.split("@", 2)[0];
    }

    private static List<String> operands(List<String> arguments) {
        int from = arguments.lastIndexOf("-o");
        return arguments.subList(from < 0 ? 0 : from + 2, arguments.size());
    }

    private static Map<String, String> options(List<String> arguments) {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; arguments.get(i).equals("-o"); i += 2) {
            String[] pair = arguments.get(i + 1).split("=", 2);
            options.put(pair[0], pair[1]);
        }
        return options;
    }

    private static Exit printed(Stream<String> lines) {
        return new Exit(0, lines.map(line -> line + "\n").collect(Collectors.joining()), "");
    }

    private static Exit absent(String name) {
        return error("cannot open '%s': dataset does not exist".formatted(name));
    }

    private static Exit error(String message) {
        return new Exit(1, "", message + "\n");
    }
}
