package io.stillframe.guest.libvirt;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.stillframe.guest.libvirt.Wire.Message;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/**
 * A libvirtd that can be killed, started again and made to stall at any call, which a real one that others use cannot.
 * The client's side is the real library. It knows every domain it is asked for, all of them running with two filesystems.
 */
final class FakeLibvirtd implements AutoCloseable {
    static final int OPEN = 1;
    static final int GET_INFO = 16;
    static final int AUTH_LIST = 66;
    static final int FREEZE = 335;
    static final int THAW = 336;
    static final int AGENT_TIMEOUT = 420;
    /** An agent command; in a program of its own, which is told by the sign here. */
    static final int AGENT_COMMAND = -3;

    private static final int CLOSE = 2;
    private static final int LOOKUP_BY_NAME = 23;
    private static final int LOOKUP_BY_UUID = 24;
    private static final int SUPPORTS_FEATURE = 60;
    private static final int KEEPALIVE_FEATURE = 10;
    private static final int NO_SUPPORT = 3;

    /** A call that came, by its procedure as the constants here name it. */
    record Call(int procedure, Message message) {}

    private final Path socket;
    private final List<Call> calls = new CopyOnWriteArrayList<>();
    private final Set<SocketChannel> clients = ConcurrentHashMap.newKeySet();
    private final Map<Integer, byte[]> answers = new ConcurrentHashMap<>();
    private volatile Predicate<Call> stalls = call -> false;
    private ServerSocketChannel server;

    FakeLibvirtd(Path directory) {
        socket = directory.resolve("libvirt-sock");
        answers.put(AUTH_LIST, Wire.numbers(1, 0));
        answers.put(OPEN, new byte[0]);
        answers.put(CLOSE, new byte[0]);
        answers.put(GET_INFO, Wire.numbers(1, 0, 262_144, 0, 262_144, 1, 0, 0));
        answers.put(AGENT_TIMEOUT, Wire.numbers(0));
        answers.put(FREEZE, Wire.numbers(2));
        answers.put(THAW, Wire.numbers(2));
        answersAgentCommands("{\"return\":\"thawed\"}".getBytes(UTF_8));
        start();
    }

    String uri() {
        return "qemu+unix:///system?socket=" + socket;
    }

    void start() {
        try {
            server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ServerSocketChannel accepting = server;
        run(() -> {
            while (true) {
                SocketChannel client = accepting.accept();
                clients.add(client);
                run(() -> serve(client));
            }
        });
    }

    /** As SIGKILL does it: every socket ends where it is. */
    void kill() {
        try {
            server.close();
            Files.deleteIfExists(socket);
            for (SocketChannel client : clients) {
                client.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** These calls are taken and never answered. */
    void stallsAt(Predicate<Call> which) {
        stalls = which;
    }

    void stallsAt(int procedure) {
        stallsAt(call -> call.procedure() == procedure);
    }

    /** From now on the agent answers this. */
    void answersAgentCommands(byte[] reply) {
        answers.put(AGENT_COMMAND, Wire.maybeText(reply));
    }

    /** The calls so far, of this and earlier lives. */
    List<Call> calls() {
        return List.copyOf(calls);
    }

    List<Integer> procedures() {
        return calls().stream().map(Call::procedure).toList();
    }

    /** Connections that are open now. */
    int connections() {
        return clients.size();
    }

    @Override
    public void close() {
        kill();
    }

    private void serve(SocketChannel client) throws IOException {
        try (client) {
            DataInputStream in = new DataInputStream(Channels.newInputStream(client));
            for (Optional<Message> next = Wire.read(in); next.isPresent(); next = Wire.read(in)) {
                Optional<Message> answer = answer(next.get());
                if (answer.isPresent()) {
                    client.write(ByteBuffer.wrap(Wire.bytes(answer.get())));
                }
            }
        } finally {
            clients.remove(client);
        }
    }

    private Optional<Message> answer(Message message) {
        if (message.program() == Wire.KEEPALIVE) {
            return Optional.of(new Message(Wire.KEEPALIVE, 2, 2, 0, 0, ByteBuffer.allocate(0)));
        }
        Call call = new Call(message.program() == Wire.QEMU ? -message.procedure() : message.procedure(), message);
        calls.add(call);
        return stalls.test(call) ? Optional.empty() : Optional.of(reply(call));
    }

    private Message reply(Call call) {
        ByteBuffer payload = call.message().payload().duplicate();
        return switch (call.procedure()) {
            case SUPPORTS_FEATURE -> call.message().reply(Wire.numbers(payload.getInt() == KEEPALIVE_FEATURE ? 1 : 0));
            case LOOKUP_BY_UUID -> {
                UUID uuid = new UUID(payload.getLong(), payload.getLong());
                yield call.message().reply(Wire.domain("of " + uuid, uuid, 1));
            }
            case LOOKUP_BY_NAME -> call.message().reply(Wire.domain("db01", new UUID(0, 1), 1));
            default ->
                answers.containsKey(call.procedure())
                        ? call.message().reply(answers.get(call.procedure()))
                        : call.message().refusal(NO_SUPPORT, 0, "procedure " + call.procedure());
        };
    }

    private static void run(Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        // killed, or the client has gone: either way this thread has nobody left to serve
                    }
                },
                "fake libvirtd");
        thread.setDaemon(true);
        thread.start();
    }

    private interface Work {
        void run() throws IOException;
    }
}
