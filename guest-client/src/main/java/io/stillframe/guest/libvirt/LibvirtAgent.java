package io.stillframe.guest.libvirt;

import io.stillframe.guest.AgentInfo;
import io.stillframe.guest.DomainId;
import io.stillframe.guest.ExecResult;
import io.stillframe.guest.GuestAgent;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.guest.GuestFilesystem;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** The agent of one domain over a connection and a thread of its own. */
final class LibvirtAgent implements GuestAgent {
    /** How much longer than libvirt we wait, so that it is libvirt that ends a late call and the handle stays usable. */
    private static final Duration SLACK = Duration.ofMillis(500);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);

    private final Link<AgentConnection> link;
    private final Duration grace;
    private final CountDownLatch closed = new CountDownLatch(1);

    private LibvirtAgent(Link<AgentConnection> link, Duration grace) {
        this.link = link;
        this.grace = grace;
    }

    static LibvirtAgent open(Libraries libraries, String uri, DomainId id, Duration limit) {
        return new LibvirtAgent(
                Link.open("vm '" + id.name() + "'", limit, () -> AgentConnection.open(libraries, uri, id)), limit);
    }

    @Override
    public int freeze(Duration limit) {
        return call("freeze", limit, agent -> agent.freeze(List.of(), seconds(limit)));
    }

    @Override
    public int freeze(List<String> mountpoints, Duration limit) {
        if (mountpoints.isEmpty() || mountpoints.size() > MAX_MOUNTPOINTS) {
            throw new IllegalArgumentException("1 to " + MAX_MOUNTPOINTS + " mountpoints, not " + mountpoints.size());
        }
        List<String> list = List.copyOf(mountpoints);
        list.forEach(LibvirtAgent::requireCString);
        return call("freeze", limit, agent -> agent.freeze(list, seconds(limit)));
    }

    @Override
    public int thaw(Duration limit) {
        return call("thaw", limit, agent -> agent.thaw(seconds(limit)));
    }

    @Override
    public FreezeStatus status(Duration limit) {
        return AgentAnswers.freezeStatus(command(AgentCommand.of("guest-fsfreeze-status"), limit));
    }

    @Override
    public void sync(Duration limit) {
        long id = ThreadLocalRandom.current().nextLong(1, Integer.MAX_VALUE);
        AgentAnswers.sync(command(AgentCommand.sync(id), limit), id);
    }

    @Override
    public List<GuestFilesystem> filesystems(Duration limit) {
        return call("filesystem list", limit, agent -> agent.filesystems(seconds(limit)));
    }

    @Override
    public AgentInfo info(Duration limit) {
        return AgentAnswers.info(command(AgentCommand.of("guest-info"), limit));
    }

    @Override
    public Optional<String> osId(Duration limit) {
        try {
            return AgentAnswers.osId(command(AgentCommand.of("guest-get-osinfo"), limit));
        } catch (GuestException e) {
            if (e.failure() == GuestFailure.AGENT_COMMAND_FAILED) {
                return Optional.empty();
            }
            throw e;
        }
    }

    @Override
    public ExecResult exec(List<String> argv, Duration limit) {
        if (argv.isEmpty()) {
            throw new IllegalArgumentException("no program to run");
        }
        Deadline deadline = Deadline.in(limit);
        long pid = AgentAnswers.pid(command(AgentCommand.exec(List.copyOf(argv)), limit));
        for (Duration pause = FIRST_PAUSE; !deadline.passed(); pause = longer(pause)) {
            Duration left = deadline.remaining();
            AgentReply status = link.call(
                    "guest-exec-status",
                    left.plus(SLACK),
                    agent -> agent.command(AgentCommand.execStatus(pid), seconds(left)));
            Optional<ExecResult> ended = AgentAnswers.ended(status);
            if (ended.isPresent()) {
                return ended.get();
            }
            pause(pause);
        }
        throw new GuestException(
                GuestFailure.DEADLINE, "a program in the guest did not end within " + limit.toMillis() + " ms");
    }

    @Override
    public void close() {
        closed.countDown();
        link.close(grace);
    }

    private AgentReply command(AgentCommand command, Duration limit) {
        return call(command.name(), limit, agent -> agent.command(command, seconds(limit)));
    }

    private <T> T call(String what, Duration limit, Function<AgentConnection, T> body) {
        if (limit.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("a limit of at least one second, not " + limit);
        }
        return link.call(what, limit.plus(SLACK), body);
    }

    /** Waits for the next look at a program, or for the handle to be closed. */
    private void pause(Duration pause) {
        try {
            if (closed.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new IllegalStateException("closed while a program ran in the guest");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new GuestException(GuestFailure.DEADLINE, 0, "interrupted while a program ran in the guest", e);
        }
    }

    private static Duration longer(Duration pause) {
        Duration doubled = pause.multipliedBy(2);
        return doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
    }

    /** libvirt counts in whole seconds, from one on; beyond that it must not outlast the limit. */
    private static int seconds(Duration limit) {
        return (int) Math.min(Math.max(limit.toSeconds(), 1), Integer.MAX_VALUE);
    }

    private static void requireCString(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a mountpoint with a NUL character");
        }
    }
}
