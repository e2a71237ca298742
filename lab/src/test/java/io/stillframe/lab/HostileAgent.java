package io.stillframe.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** An agent that misbehaves as it is told, see {@code lab/guest-image/hostile.c}; the guest needs --hostile-agent. */
final class HostileAgent {
    private final LabGuest guest;

    HostileAgent(LabGuest guest) {
        this.guest = guest;
    }

    /** A command on the control port: {@code on guest-info flood 20971520}. Its bytes are sent one for each char. */
    void tell(String command) {
        UnixDomainSocketAddress socket =
                UnixDomainSocketAddress.of(guest.directory().resolve("control.sock"));
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(socket);
            channel.configureBlocking(false);
            ByteBuffer line = ByteBuffer.wrap((command + "\n").getBytes(StandardCharsets.ISO_8859_1));
            ByteBuffer reply = ByteBuffer.allocate(16);
            String said = Await.value("the hostile agent takes its orders", () -> exchange(channel, line, reply));
            if (!said.equals("ok\n")) {
                throw new AssertionError("to '%s' the hostile agent says '%s'".formatted(command, said.strip()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<String> exchange(SocketChannel channel, ByteBuffer line, ByteBuffer reply) {
        try {
            if (line.hasRemaining()) {
                channel.write(line);
            }
            channel.read(reply);
            String said =
                    StandardCharsets.ISO_8859_1.decode(reply.duplicate().flip()).toString();
            return said.endsWith("\n") ? Optional.of(said) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes an honest agent of it again, which libvirt believes in. */
    void behave() {
        tell("reset");
        if (!guest.agentAnswers()) {
            tell("reconnect");
            Await.until("libvirt has the agent again", guest::agentAnswers);
        }
    }
}
