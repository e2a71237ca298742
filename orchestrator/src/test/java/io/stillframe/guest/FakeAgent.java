package io.stillframe.guest;

import io.stillframe.guest.Faults.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** A handle to a {@link FakeGuest}'s agent, which executes one command after the other in the order they reached it. */
final class FakeAgent implements GuestAgent {
    private final FakeGuest guest;

    FakeAgent(FakeGuest guest) {
        this.guest = guest;
        guest.opened();
    }

    @Override
    public int freeze(Duration limit) {
        return call("freeze", limit, () -> guest.freeze(List.of()));
    }

    @Override
    public int freeze(List<String> mountpoints, Duration limit) {
        return call("freeze", limit, () -> guest.freeze(mountpoints));
    }

    @Override
    public int thaw(Duration limit) {
        return call("thaw", limit, guest::thaw);
    }

    @Override
    public FreezeStatus status(Duration limit) {
        return call("status", limit, () -> guest.frozenFlag() ? FreezeStatus.FROZEN : FreezeStatus.THAWED);
    }

    @Override
    public void sync(Duration limit) {
        call("sync", limit, () -> 0);
    }

    @Override
    public List<GuestFilesystem> filesystems(Duration limit) {
        return call("filesystems", limit, guest::filesystems);
    }

    @Override
    public AgentInfo info(Duration limit) {
        return call("info", limit, guest::info);
    }

    @Override
    public Optional<String> osId(Duration limit) {
        return call("osId", limit, () -> Optional.of(guest.os()));
    }

    @Override
    public ExecResult exec(List<String> argv, Duration limit) {
        if (argv.contains("stillframe-switch")) {
            String verb = argv.get(argv.size() > 6 ? argv.size() - 3 : argv.size() - 2);
            return call("exec switch " + verb, limit, () -> new ExecResult(0, guest.turn(verb, argv), ""));
        }
        if (argv.contains("stillframe-hooks")) {
            int verb = argv.indexOf("stillframe-hooks") + 1;
            return call("exec hooks " + argv.get(verb), limit, () -> guest.turnHooks(argv.subList(verb, argv.size())));
        }
        if (argv.contains("/proc/sys/kernel/sysrq")) {
            return call("exec sysrq", limit, () -> new ExecResult(0, guest.sysrqMask() + "\n", ""));
        }
        return call("exec " + argv.get(0), limit, () -> new ExecResult(0, "Dirty:    100 kB\n", ""));
    }

    @Override
    public void close() {
        guest.closed();
    }

    private <T> T call(String name, Duration limit, Supplier<T> effect) {
        if (limit.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("a limit of at least one second, not " + limit);
        }
        return guest.faults().call(name, () -> execute(effect), kind -> {
            if (kind == Kind.LATE) {
                guest.later(() -> {
                    var unused = effect.get();
                });
            }
            throw kind == Kind.REFUSED
                    ? new GuestException(GuestFailure.AGENT_COMMAND_FAILED, name + " was refused")
                    : new GuestException(GuestFailure.AGENT_TIMEOUT, name + " was not answered");
        });
    }

    private <T> T execute(Supplier<T> effect) {
        if (!guest.hasAgent()) {
            throw new GuestException(GuestFailure.AGENT_NOT_CONFIGURED, "no agent channel");
        }
        if (guest.state() != DomainState.RUNNING) {
            throw new GuestException(GuestFailure.NOT_RUNNING, "the machine does not run");
        }
        guest.runLate();
        return effect.get();
    }
}
