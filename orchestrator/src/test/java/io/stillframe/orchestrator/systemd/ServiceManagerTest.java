package io.stillframe.orchestrator.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Over real sockets, at whose other end systemd would be. */
@Timeout(60)
class ServiceManagerTest {
    @Test
    void whoever_listens_at_a_file_is_told(@TempDir Path directory) {
        String name = directory.resolve("notify").toString();
        try (Listener listener = new Listener((name + "\0").getBytes(StandardCharsets.UTF_8))) {
            ServiceManager manager = ServiceManager.at(Optional.of(name));
            manager.ready();
            assertThat(listener.next()).isEqualTo("READY=1");
            manager.alive();
            assertThat(listener.next()).isEqualTo("WATCHDOG=1");
            manager.stopping();
            assertThat(listener.next()).isEqualTo("STOPPING=1");
        }
    }

    @Test
    void an_abstract_socket_is_told_too() {
        String name = "stillframe-test-" + ProcessHandle.current().pid();
        try (Listener listener = new Listener(("\0" + name).getBytes(StandardCharsets.UTF_8))) {
            ServiceManager.at(Optional.of("@" + name)).ready();
            assertThat(listener.next()).isEqualTo("READY=1");
        }
    }

    @Test
    void where_nobody_listens_the_service_goes_on(@TempDir Path directory) {
        ServiceManager.at(Optional.of(directory.resolve("gone").toString())).ready();
        ServiceManager.at(Optional.of("")).ready();
        ServiceManager.at(Optional.empty()).ready();
    }

    @Test
    void a_name_that_no_socket_can_have_is_told() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> ServiceManager.at(Optional.of("/" + "x".repeat(107))))
                .withMessageContaining("NOTIFY_SOCKET");
    }

    /** The other end. */
    private static final class Listener implements AutoCloseable {
        private final int socket;

        Listener(byte[] name) {
            socket = Libc.INSTANCE.socket(1, 2, 0);
            byte[] address = ByteBuffer.allocate(2 + name.length)
                    .order(ByteOrder.nativeOrder())
                    .putShort((short) 1)
                    .put(name)
                    .array();
            Libc.INSTANCE.bind(socket, address, address.length);
        }

        String next() {
            byte[] bytes = new byte[100];
            int length = Libc.INSTANCE.recv(socket, bytes, new NotifySocket.SizeT(bytes.length), 0);
            return new String(bytes, 0, length, StandardCharsets.UTF_8);
        }

        @Override
        public void close() {
            Libc.INSTANCE.close(socket);
        }
    }

    private interface Libc extends Library {
        Libc INSTANCE = Native.load("c", Libc.class);

        int socket(int domain, int type, int protocol) throws LastErrorException;

        int bind(int socket, byte[] address, int length) throws LastErrorException;

        int recv(int socket, byte[] message, NotifySocket.SizeT length, int flags) throws LastErrorException;

        int close(int socket) throws LastErrorException;
    }
}
