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
    List<Check> all() {
        return List.of(Check.ok("libvirt", hypervisor.version()), qemuImg(), stateDirectory());
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
