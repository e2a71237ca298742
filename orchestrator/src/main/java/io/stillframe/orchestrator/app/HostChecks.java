package io.stillframe.orchestrator.app;

import io.stillframe.config.Settings;
import io.stillframe.guest.Hypervisor;
import io.stillframe.orchestrator.workflow.Check;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Commands;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** What every run needs of this host, and what those need whose disks lie on LVM or ZFS. */
record HostChecks(Settings settings, Hypervisor hypervisor, Commands commands) {
    private static final Path FUSE = Path.of("/dev/fuse");
    private static final Duration LIMIT = Duration.ofSeconds(10);

    List<Check> all() {
        return List.of(
                Check.ok("libvirt", hypervisor.version()),
                qemuImg(),
                views(),
                storage("lvm", "disks on logical volumes", List.of("lvm", "version"), List.of("dmsetup", "version")),
                // without the dashes they load the kernel's module first
                storage("zfs", "disks on ZFS", List.of("zfs", "--version"), List.of("zpool", "--version")),
                stateDirectory());
    }

    private Check qemuImg() {
        try {
            String version =
                    commands.run(List.of("qemu-img", "--version"), LIMIT).stdout();
            return Check.ok("qemu-img", version.lines().findFirst().orElse("present"));
        } catch (CommandException e) {
            return Check.fail(ErrorCode.HOST, "qemu-img", e.getMessage(), "install qemu-utils");
        }
    }

    /** The tools of a storage that not every host has: no machine is the worse for it whose disks lie elsewhere. */
    private Check storage(String name, String disks, List<String> version, List<String> other) {
        String told;
        try {
            told = asked(version);
        } catch (CommandException e) {
            return e.isStarted()
                    ? troubled(name, disks, e)
                    : Check.ok(name, "not used here: no snapshots of %s (%s)".formatted(disks, e.getMessage()));
        }
        try {
            asked(other);
        } catch (CommandException e) {
            return troubled(name, disks, e);
        }
        return Check.ok(name, told.lines().findFirst().orElse("present").strip());
    }

    private static Check troubled(String name, String disks, CommandException trouble) {
        return Check.warn(
                name,
                "no snapshots of %s: %s".formatted(disks, trouble.getMessage()),
                "install its tools in full and load its kernel module, where machines have such disks");
    }

    private String asked(List<String> argv) {
        Commands.Exit exit = commands.run(argv, LIMIT);
        if (!exit.succeeded()) {
            throw new CommandException("%s ended with %d: %s"
                    .formatted(
                            String.join(" ", argv),
                            exit.status(),
                            exit.stderr().strip().lines().findFirst().orElse("it says nothing")));
        }
        return exit.stdout();
    }

    /** What is needed to ask the disks of a snapshot that lies in images whether its freeze held. */
    private Check views() {
        String consequence = "; a snapshot that lies in images cannot be looked at, so none is more than 'crash'";
        String hint = "install qemu-system-common, and load the kernel's module 'fuse'";
        try {
            commands.run(List.of("qemu-storage-daemon", "--version"), LIMIT);
            return Files.exists(FUSE)
                    ? Check.ok("views", "qemu-storage-daemon and " + FUSE + " are there")
                    : Check.warn("views", FUSE + " is missing" + consequence, hint);
        } catch (CommandException e) {
            return Check.warn("views", e.getMessage() + consequence, hint);
        }
    }

    private Check stateDirectory() {
        Path directory = settings.stateDir();
        Path existing = directory;
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        boolean usable = existing != null && Files.isDirectory(existing) && Files.isWritable(existing);
        if (!usable) {
            return Check.fail(
                    ErrorCode.HOST,
                    "state-dir",
                    "%s cannot be written".formatted(directory),
                    "make it writable, or name another with --state-dir");
        }
        return existing.equals(directory) && StateDirectory.isWrittenByOthers(directory)
                ? Check.fail(
                        ErrorCode.HOST,
                        "state-dir",
                        "others than its owner may write to %s".formatted(directory),
                        StateDirectory.FOR_ITS_OWNER)
                : Check.ok("state-dir", directory.toString());
    }
}
