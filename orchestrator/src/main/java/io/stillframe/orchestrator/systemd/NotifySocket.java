package io.stillframe.orchestrator.systemd;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A datagram to a Unix socket, by the C library: socket(2), sendto(2), unix(7) of Linux. */
final class NotifySocket implements Consumer<String> {
    private static final Logger LOG = LoggerFactory.getLogger(NotifySocket.class);
    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int MSG_NOSIGNAL = 0x4000;

    /** The longest name of such a socket, without the zero at its end. */
    private static final int MAX_NAME = 107;

    private final byte[] address;

    private NotifySocket(byte[] address) {
        this.address = address;
    }

    /**
     * @param name of a file, or an abstract one with {@code @} before it
     * @throws IllegalArgumentException when it is too long for one
     */
    static NotifySocket named(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MAX_NAME) {
            throw new IllegalArgumentException(
                    "NOTIFY_SOCKET is longer than a socket's name may be, %d bytes: %s".formatted(MAX_NAME, name));
        }
        if (bytes[0] == '@') {
            bytes[0] = 0;
        }
        // an abstract name ends with its length, a file's name with a zero
        ByteBuffer address = ByteBuffer.allocate(Short.BYTES + bytes.length + (bytes[0] == 0 ? 0 : 1))
                .order(ByteOrder.nativeOrder());
        return new NotifySocket(address.putShort((short) AF_UNIX).put(bytes).array());
    }

    /** What systemd does not get it misses: the service itself goes on. */
    @Override
    public void accept(String state) {
        try {
            send(state.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            LOG.warn("systemd could not be told {}: {}", state, e.getMessage());
        }
    }

    private void send(byte[] message) throws IOException {
        try {
            int socket = Libc.INSTANCE.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
            try {
                Libc.INSTANCE.sendto(socket, message, new SizeT(message.length), MSG_NOSIGNAL, address, address.length);
            } finally {
                Libc.INSTANCE.close(socket);
            }
        } catch (LastErrorException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** A {@code size_t}. */
    public static final class SizeT extends com.sun.jna.IntegerType {
        public SizeT() {
            this(0);
        }

        SizeT(long value) {
            super(Native.SIZE_T_SIZE, value, true);
        }
    }

    private interface Libc extends Library {
        Libc INSTANCE = Native.load("c", Libc.class);

        int socket(int domain, int type, int protocol) throws LastErrorException;

        int sendto(int socket, byte[] message, SizeT length, int flags, byte[] address, int addressLength)
                throws LastErrorException;

        int close(int socket) throws LastErrorException;
    }
}
