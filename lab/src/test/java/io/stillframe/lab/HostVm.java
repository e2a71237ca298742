package io.stillframe.lab;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The hypervisor host with real LVM and ZFS, a VM.
 *
 * @param ours whether it was booted here and ends with the tests; a developer's own goes on
 */
record HostVm(String name, boolean ours) implements AutoCloseable {
    /** As long as {@code lab/host up} itself has patience, and some more. */
    private static final Duration BOOT = Duration.ofMinutes(20);

    /** All that goes on in there shares one emulated processor. */
    private static final String GUEST_BOOT = "STILLFRAME_LAB_BOOT_SECONDS=900";

    /** With more it would take the processor from whoever takes its snapshot; with less a freeze would be no stall. */
    private static final String GUEST_WRITES = "STILLFRAME_LAB_WRITER_MS=100";

    /** The one that {@code STILLFRAME_LAB_HOST} names, or one that is booted now. */
    static HostVm up() {
        Optional<String> kept = Optional.ofNullable(System.getenv("STILLFRAME_LAB_HOST"));
        return kept.map(HostVm::refreshed).orElseGet(HostVm::boot);
    }

    /** What was built since it was booted is seen in there once it has forgotten what it knows of this machine's files. */
    private static HostVm refreshed(String name) {
        HostVm vm = new HostVm(name, false);
        Tool.out(vm.argv("sh", "-c", "echo 3 > /proc/sys/vm/drop_caches").toArray(String[]::new));
        return vm;
    }

    private static HostVm boot() {
        String pid = String.valueOf(ProcessHandle.current().pid());
        String name = "it-" + pid;
        Tool up = Tool.start(List.of(Lab.tool("lab/host"), "up", name, "--owner", pid))
                .await(BOOT);
        if (up.exit() != 0) {
            throw new AssertionError("lab/host up: exit %d%n%s".formatted(up.exit(), up.err()));
        }
        return new HostVm(name, true);
    }

    /** What runs a command in there: an argument vector for this machine. */
    List<String> argv(String... command) {
        List<String> argv = new ArrayList<>(List.of(Lab.tool("lab/host"), "run", "--name", name));
        Stream.of(GUEST_BOOT, GUEST_WRITES).forEach(setting -> argv.addAll(List.of("--env", setting)));
        argv.add("--");
        argv.addAll(Arrays.asList(command));
        return argv;
    }

    @Override
    public void close() {
        if (ours) {
            Tool.out(Lab.tool("lab/host"), "down", name);
        }
    }
}
