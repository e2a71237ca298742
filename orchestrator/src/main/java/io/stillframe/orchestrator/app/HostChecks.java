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

/** What every run needs of this host. */
record HostChecks(Settings settings, Hypervisor hypervisor, Commands commands) {
    private static final Path FUSE = Path.of("/dev/fuse");

    List<Check> all() {
        return List.of(Check.ok("libvirt", hypervisor.version()), qemuImg(), views(), stateDirectory());
    }

    private Check qemuImg() {
        try {
            String version = commands.run(List.of("qemu-img", "--version"), Duration.ofSeconds(10))
                    .stdout();
            return Check.ok("qemu-img", version.lines().findFirst().orElse("present"));
        } catch (CommandException e) {
            return Check.fail(ErrorCode.HOST, "qemu-img", e.getMessage(), "install qemu-utils");
        }
    }

    /** What is needed to ask the disks of a snapshot that lies in images whether its freeze held. */
    private Check views() {
        String consequence = "; a snapshot that lies in images cannot be looked at, so none is more than 'crash'";
        String hint = "install qemu-system-common, and load the kernel's module 'fuse'";
        try {
            commands.run(List.of("qemu-storage-daemon", "--version"), Duration.ofSeconds(10));
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
        return usable
                ? Check.ok("state-dir", directory.toString())
                : Check.fail(
                        ErrorCode.HOST,
                        "state-dir",
                        "%s cannot be written".formatted(directory),
                        "make it writable, or name another with --state-dir");
    }
}
