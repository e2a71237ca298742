package io.stillframe.storage.zfs;

import io.stillframe.storage.Outcome;
import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Commands;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The few things we ask of {@code zfs} and {@code zpool}, version 2.1 and later. Never {@code destroy -r} or {@code -R}, for
 * one command takes away one thing; and never {@code rollback}, even without {@code -r}: it looks for newer snapshots, then
 * destroys whatever of them it finds in a second look ({@code zfs_rollback} in {@code libzfs_dataset.c}), also one that
 * somebody has made in between.
 */
final class Zfs {
    /** The longest name of a dataset or snapshot ({@code ZFS_MAX_DATASET_NAME_LEN} counts a closing zero). */
    static final int NAME_MAX = 255;

    /** A transaction group takes seconds on a busy pool; a minute means that the pool hangs. */
    private static final Duration LIMIT = Duration.ofMinutes(1);

    /** A process that a signal ended has 128 and the signal as its status: what it had done by then is not known. */
    private static final int SIGNALLED = 128;

    private final Commands commands;

    Zfs(Commands commands) {
        this.commands = commands;
    }

    // ---- questions

    /** The zvols of all pools. */
    List<String> volumes() {
        return answer(List.of("zfs", "list", "-Hp", "-t", "volume", "-o", "name"))
                .lines()
                .toList();
    }

    /** The snapshots of a dataset itself. */
    List<String> snapshots(String dataset) {
        return answer(List.of("zfs", "list", "-Hp", "-d", "1", "-t", "snapshot", "-o", "name", dataset))
                .lines()
                .toList();
    }

    /**
     * Properties of a dataset or snapshot; empty where its pool answers and does not have it.
     *
     * @throws CommandException also when the pool is not there: whether the pool has it is unknown then
     */
    Optional<Properties> get(String name, String... properties) {
        List<String> argv =
                List.of("zfs", "get", "-Hp", "-o", "property,value,source", String.join(",", properties), name);
        Commands.Exit exit = run(argv);
        if (exit.succeeded()) {
            return Optional.of(Properties.parse(exit.stdout()));
        }
        // zfs says the same of a dataset whose pool is not imported
        if (exit.stderr().contains("dataset does not exist")) {
            pool(Place.poolOf(name));
            return Optional.empty();
        }
        throw failed(argv, exit);
    }

    /**
     * As {@link #get}, of what was there before.
     *
     * @throws CommandException also when it is there no more
     */
    Properties require(String name, String... properties) {
        return get(name, properties).orElseThrow(() -> new CommandException("%s is gone".formatted(name)));
    }

    /** The snapshots of a name, of all datasets of a pool. Only names are asked for: that is quick also where there are many. */
    List<String> snapshotsNamed(String name, String pool) {
        return answer(List.of("zfs", "list", "-rHp", "-t", "snapshot", "-o", "name", "-s", "name", pool))
                .lines()
                .filter(snapshot -> snapshot.endsWith("@" + name))
                .toList();
    }

    /** The tags that hold a snapshot. */
    List<String> holds(String snapshot) {
        return answer(List.of("zfs", "holds", "-H", snapshot))
                .lines()
                .map(line -> line.split("\t", -1))
                .filter(fields -> fields.length > 1)
                .map(fields -> fields[1])
                .toList();
    }

    Pool pool(String name) {
        return Pool.parse(answer(List.of("zpool", "list", "-Hp", "-o", Pool.COLUMNS, name)));
    }

    /**
     * Waits until everything that the pool has been told is on its disks: what an earlier command whose answer was lost has
     * handed to the kernel is done afterwards.
     */
    void sync(String pool) {
        answer(List.of("zpool", "sync", pool));
    }

    // ---- effects

    /**
     * Takes all these snapshots of one pool at one instant, or none.
     *
     * @param properties as {@code property=value}
     */
    Outcome snapshot(List<String> snapshots, List<String> properties) {
        return effect(argv("snapshot", properties, snapshots));
    }

    Outcome destroy(String name) {
        return effect(List.of("zfs", "destroy", name));
    }

    Outcome clone(String snapshot, String target, List<String> properties) {
        return effect(argv("clone", properties, List.of(snapshot, target)));
    }

    Outcome hold(String tag, String snapshot) {
        return effect(List.of("zfs", "hold", tag, snapshot));
    }

    Outcome release(String tag, String snapshot) {
        return effect(List.of("zfs", "release", tag, snapshot));
    }

    /** Makes a zvol this long, in bytes; what lies behind the end of a shorter one is gone. */
    Outcome resize(String zvol, long bytes) {
        return effect(List.of("zfs", "set", "volsize=" + bytes, zvol));
    }

    /** Runs a command that changes something. Killed or out of time, it may have changed it or may yet do so. */
    private Outcome effect(List<String> argv) {
        Commands.Exit exit;
        try {
            exit = run(argv);
        } catch (CommandException e) {
            return new Outcome.Indeterminate(e.getMessage());
        }
        if (exit.succeeded()) {
            return new Outcome.Done();
        }
        String reason = failed(argv, exit).getMessage();
        return exit.status() > SIGNALLED ? new Outcome.Indeterminate(reason) : new Outcome.Refused(reason);
    }

    private String answer(List<String> argv) {
        Commands.Exit exit = run(argv);
        if (!exit.succeeded()) {
            throw failed(argv, exit);
        }
        return exit.stdout();
    }

    private Commands.Exit run(List<String> argv) {
        return commands.run(argv, LIMIT);
    }

    private static CommandException failed(List<String> argv, Commands.Exit exit) {
        String words = String.join(" ", exit.stderr().strip().lines().toList());
        return new CommandException(
                "%s %s: %s".formatted(argv.get(0), argv.get(1), words.isEmpty() ? "status " + exit.status() : words));
    }

    private static List<String> argv(String verb, List<String> properties, List<String> operands) {
        Stream<String> options = properties.stream().flatMap(property -> Stream.of("-o", property));
        return Stream.of(Stream.of("zfs", verb), options, operands.stream())
                .flatMap(part -> part)
                .toList();
    }
}
