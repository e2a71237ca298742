package io.stillframe.orchestrator.api;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.unixdomain.server.UnixDomainServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** The server: a socket in the state directory, and where it is asked for a port of the loopback interface. */
public final class ApiServer implements AutoCloseable {
    private static final String LOOPBACK = "127.0.0.1";

    /** At the socket, and at the loopback interface: whoever may connect there must not shut out those who come here. */
    private static final int MAX_CONNECTIONS = 64;

    /** As many requests at once: each connection has one. */
    private static final int MAX_THREADS = 2 * MAX_CONNECTIONS + 16;

    private static final int MAX_HEADER_BYTES = 8 * 1024;

    /** For a client that neither sends nor takes what is on its way. */
    private static final int IDLE_MILLIS = 30_000;

    private final Server server;
    private final Front front;
    private final Path socket;
    private final int port;

    private ApiServer(Server server, Front front, Path socket, int port) {
        this.server = server;
        this.front = front;
        this.socket = socket;
        this.port = port;
    }

    /**
     * Listens and answers, until it is closed.
     *
     * @param directory the state directory, which is held: what an earlier daemon left of a socket is removed
     * @param port 0 for any that is free
     * @throws IOException when it cannot listen
     */
    public static ApiServer start(Path directory, Optional<Integer> port, List<Endpoint> endpoints, String version)
            throws IOException {
        ApiFiles files = new ApiFiles(directory);
        if (!files.fit()) {
            throw new IOException("the path %s is longer than a socket's may be".formatted(files.socket()));
        }
        Files.deleteIfExists(files.socket());
        QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS);
        threads.setName("api");
        threads.setDaemon(true);
        Server server = new Server(threads);
        Front front = new Front(endpoints, version);
        server.setHandler(front);
        server.setErrorHandler(new TellsInJson());
        UnixDomainServerConnector local = new UnixDomainServerConnector(server, http());
        local.setUnixDomainPath(files.unready());
        local.setIdleTimeout(IDLE_MILLIS);
        server.addConnector(local);
        server.addBean(new NetworkConnectionLimit(MAX_CONNECTIONS, local));
        ServerConnector loopback = new ServerConnector(server, http());
        loopback.setHost(LOOPBACK);
        loopback.setIdleTimeout(IDLE_MILLIS);
        port.ifPresent(of -> {
            loopback.setPort(of);
            server.addConnector(loopback);
            server.addBean(new NetworkConnectionLimit(MAX_CONNECTIONS, loopback));
        });
        try {
            Optional<Token> token = port.isPresent() ? Optional.of(Token.in(files.token())) : Optional.empty();
            makePrivate(files.unready().getParent());
            server.start();
            Files.setPosixFilePermissions(files.unready(), PosixFilePermissions.fromString("rw-------"));
            Files.move(files.unready(), files.socket(), StandardCopyOption.ATOMIC_MOVE);
            token.ifPresent(of -> front.guard(loopback, new Gate(loopback.getLocalPort(), of)));
            return new ApiServer(server, front, files.socket(), loopback.getLocalPort());
        } catch (Exception e) { // Jetty declares no less
            stop(server);
            throw e instanceof IOException failure ? failure : new IOException(e.getMessage(), e);
        }
    }

    /** A socket can be connected to before anybody can say who may: where nobody else comes near it. */
    private static void makePrivate(Path directory) throws IOException {
        Set<PosixFilePermission> owners = PosixFilePermissions.fromString("rwx------");
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(owners));
        }
        Files.setPosixFilePermissions(directory, owners);
        Files.deleteIfExists(directory.resolve("api.sock"));
    }

    private static HttpConnectionFactory http() {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setRequestHeaderSize(MAX_HEADER_BYTES);
        return new HttpConnectionFactory(http);
    }

    /** Of the loopback interface, where it listens there. */
    public int port() {
        return port;
    }

    /** Lets those who wait know, takes nothing more on, and returns when the last answer is given. */
    @Override
    public void close() throws IOException {
        front.end();
        stop(server);
        Files.deleteIfExists(socket);
    }

    private static void stop(Server server) throws IOException {
        try {
            server.stop();
        } catch (Exception e) { // Jetty declares no less
            throw new IOException("the server cannot be ended: " + e.getMessage(), e);
        }
    }
}
