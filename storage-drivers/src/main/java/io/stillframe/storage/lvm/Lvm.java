package io.stillframe.storage.lvm;

import io.stillframe.storage.Outcome;
import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Commands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The few commands of LVM that we give; lvm(8). LVM's own lock lets no two of them change a group at once, so each may
 * have to wait for somebody else's.
 */
final class Lvm {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    /**
     * With {@code issue_discards} LVM discards all that a volume has before it writes down that it is gone: one that is killed
     * meanwhile would begin anew each time.
     */
    private static final Duration REMOVAL_LIMIT = Duration.ofHours(1);
    /** How often a question to dmsetup is asked that meets a device which goes. */
    private static final int ATTEMPTS = 5;
    /** lvmreport(7) and lvm's exit codes: {@code ECMD_FAILED}, what is named is not there or cannot be. */
    private static final int FAILED = 5;
    /**
     * For the commands given while a machine waits: LVM otherwise writes two copies of the group's metadata below /etc with
     * each; lvm.conf(5). The commands before and after them write those.
     */
    static final List<String> WITHOUT_BACKUP = List.of("--config", "backup { backup=0 archive=0 }");
    /** With {@code scan_lvs} LVM reads from all volumes what may be a label, and would wait for a suspended one for ever. */
    private static final String IGNORE_SUSPENDED = "devices { ignore_suspended_devices=1 }";

    static final List<String> PAST_SUSPENDED = List.of("--config", IGNORE_SUSPENDED);
    /** The report as we read it, whatever lvm.conf(5) says. */
    private static final String PLAIN_REPORT =
            "report { list_item_separator=\",\" binary_values_as_numeric=0 compact_output=0 }";

    private final Commands commands;
    private final Commands dmsetup;

    Lvm(Commands commands) {
        this(commands, (argv, limit) -> whole(commands, argv, limit));
    }

    private Lvm(Commands commands, Commands dmsetup) {
        this.commands = commands;
        this.dmsetup = dmsetup;
    }

    /** As {@link Commands#remembering}. */
    Lvm remembering() {
        return new Lvm(commands.remembering(), dmsetup.remembering());
    }

    /**
     * dmsetup lists all devices, then asks for each by its name: where one went meanwhile, or has another name, it fails, and
     * what it printed is not all.
     */
    private static Commands.Exit whole(Commands commands, List<String> argv, Duration limit) {
        Commands.Exit exit = commands.run(argv, limit);
        for (int more = ATTEMPTS - 1; more > 0 && !exit.succeeded(); more--) {
            exit = commands.run(argv, limit);
        }
        return exit;
    }

    /**
     * All volumes of this host, the hidden ones too.
     *
     * @throws CommandException when LVM does not tell
     */
    List<LogicalVolume> volumes() {
        return report(List.of());
    }

    /**
     * All volumes of a group.
     *
     * @throws CommandException when LVM does not tell, as when there is no such group
     */
    List<LogicalVolume> volumes(String group) {
        return report(List.of(group));
    }

    /** A volume of a group that is there. */
    Optional<LogicalVolume> volume(VolumeName name) {
        return volumes(name.group()).stream()
                .filter(volume -> volume.name().equals(name))
                .findFirst();
    }

    private List<LogicalVolume> report(List<String> groups) {
        List<String> argv = new ArrayList<>(List.of("lvs", "--config", IGNORE_SUSPENDED + " " + PLAIN_REPORT));
        argv.addAll(List.of("--all", "--reportformat", "json", "--units", "b", "--nosuffix", "--options"));
        argv.add(String.join(",", LvsReport.FIELDS));
        argv.addAll(groups);
        return LvsReport.parse(answer(commands, argv));
    }

    private static String answer(Commands asked, List<String> argv) {
        Commands.Exit exit = asked.run(argv, LIMIT);
        if (!exit.succeeded()) {
            throw new CommandException(said(exit));
        }
        return exit.stdout();
    }

    /**
     * Gives a command that changes something.
     *
     * @return {@code Done}; {@code Refused} where LVM said no, which it says before it changes anything, but where a
     *     snapshot is removed or a volume renamed: there whoever asked looks; {@code Indeterminate} where it said nothing
     *     any more, or something unknown
     */
    Outcome change(String command, List<String> arguments) {
        return run(
                Stream.concat(Stream.of(command, "--yes"), arguments.stream()).toList());
    }

    /** Makes a volume active, also one that is to be left inactive otherwise. */
    Outcome activate(VolumeName name) {
        return change("lvchange", List.of("--activate", "y", "--ignoreactivationskip", name.toString()));
    }

    /** Has a device forget a table that was loaded for it and is not in use: its next resumption would put that in use. */
    Outcome clear(MappedDevice device) {
        return run(List.of("dmsetup", "clear", device.name()));
    }

    /** Takes down a device that LVM does not know any more; one that is in use stays. */
    Outcome takeDown(MappedDevice device) {
        return run(List.of("dmsetup", "remove", device.name()));
    }

    /** Has a pool, told by its device, forget a volume; one that is not there, or active, is left as it is. */
    void deleteThin(String pool, String id) {
        run(List.of("dmsetup", "message", pool, "0", "delete " + id));
    }

    private Outcome run(List<String> argv) {
        String command = argv.get(0);
        try {
            Commands.Exit exit = commands.run(argv, command.equals("lvremove") ? REMOVAL_LIMIT : LIMIT);
            if (exit.succeeded()) {
                return new Outcome.Done();
            }
            return exit.status() == FAILED
                    ? new Outcome.Refused(said(exit))
                    : new Outcome.Indeterminate("%s ended with %d: %s".formatted(command, exit.status(), said(exit)));
        } catch (CommandException e) {
            return new Outcome.Indeterminate(e.getMessage());
        }
    }

    /**
     * The device-mapper devices of this host.
     *
     * @throws CommandException when they cannot be asked for
     */
    List<MappedDevice> devices() {
        return MappedDevice.parse(answer(dmsetup, MappedDevice.LIST));
    }

    /**
     * The number that each active thin pool has reached, by its device's name; empty for one that has failed.
     *
     * @throws CommandException when the kernel cannot be asked
     */
    Map<String, OptionalLong> thinTransactions() {
        return ThinStatus.parse(answer(dmsetup, ThinStatus.LIST));
    }

    /**
     * How full a pool may be for LVM to make one more thin volume in it, in per cent: {@code thin_pool_autoextend_threshold} of
     * lvm.conf(5), where a pool has no profile of its own.
     *
     * @throws CommandException when LVM does not tell
     */
    int autoextendThreshold() {
        String name = "thin_pool_autoextend_threshold";
        List<String> argv = List.of("lvmconfig", "--typeconfig", "full", "activation/" + name);
        Commands.Exit exit = commands.run(argv, LIMIT);
        Matcher setting = Pattern.compile(name + "=(\\d{1,3})\\s*").matcher(exit.stdout());
        if (!exit.succeeded() || !setting.matches()) {
            throw new CommandException("lvmconfig does not tell %s: %s".formatted(name, said(exit)));
        }
        return Integer.parseInt(setting.group(1));
    }

    private static String said(Commands.Exit exit) {
        return exit.stderr().strip().replaceAll("\\s*\\R\\s*", "; ");
    }
}
