package io.stillframe.guest.libvirt;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;

/**
 * libvirt's remote procedure calls as they cross a socket: XDR (RFC 4506) within the header that libvirt's {@code
 * virnetprotocol.x} describes, payloads as in its {@code remote_protocol.x}. Seen between libvirt 9.0.0 and its client.
 */
final class Wire {
    static final int REMOTE = 0x20008086;
    static final int QEMU = 0x20008087;
    static final int KEEPALIVE = 0x6b656570;

    private static final int HEADER = 28;

    private Wire() {}

    /**
     * A message.
     *
     * @param type 0 a call, 1 its reply, 2 neither
     * @param status 0 done, 1 the payload is an error
     */
    record Message(int program, int procedure, int type, int serial, int status, ByteBuffer payload) {
        Message {
            payload = payload.asReadOnlyBuffer();
        }

        Message reply(byte[] with) {
            return new Message(program, procedure, 1, serial, 0, ByteBuffer.wrap(with));
        }

        Message refusal(int code, int domain, String text) {
            return new Message(program, procedure, 1, serial, 1, ByteBuffer.wrap(error(code, domain, text)));
        }

        /** The domain that a call is about: name and UUID come first in its payload. */
        UUID domain() {
            int uuid = 4 + padded(payload.getInt(0));
            return new UUID(payload.getLong(uuid), payload.getLong(uuid + 8));
        }

        /** The number at the place of this many bytes before the payload's end. */
        int numberBeforeEnd(int bytes) {
            return payload.getInt(payload.limit() - bytes);
        }
    }

    /** The next message, or nothing when the other side has gone. */
    static Optional<Message> read(DataInputStream in) throws IOException {
        int length;
        try {
            length = in.readInt();
        } catch (EOFException e) {
            return Optional.empty();
        }
        int program = in.readInt();
        in.skipNBytes(4); // the version
        int procedure = in.readInt();
        int type = in.readInt();
        int serial = in.readInt();
        int status = in.readInt();
        return Optional.of(
                new Message(program, procedure, type, serial, status, ByteBuffer.wrap(in.readNBytes(length - HEADER))));
    }

    static byte[] bytes(Message message) {
        return payload(out -> {
            byte[] payload = new byte[message.payload().limit()];
            message.payload().get(0, payload);
            out.writeInt(HEADER + payload.length);
            out.writeInt(message.program());
            out.writeInt(1);
            out.writeInt(message.procedure());
            out.writeInt(message.type());
            out.writeInt(message.serial());
            out.writeInt(message.status());
            out.write(payload);
        });
    }

    static byte[] numbers(int... numbers) {
        return payload(out -> {
            for (int number : numbers) {
                out.writeInt(number);
            }
        });
    }

    static byte[] domain(String name, UUID uuid, int id) {
        return payload(out -> {
            text(out, name.getBytes(UTF_8));
            out.writeLong(uuid.getMostSignificantBits());
            out.writeLong(uuid.getLeastSignificantBits());
            out.writeInt(id);
        });
    }

    /** A text that might have been null. */
    static byte[] maybeText(byte[] text) {
        return payload(out -> {
            out.writeInt(1);
            text(out, text);
        });
    }

    private static byte[] error(int code, int domain, String message) {
        return payload(out -> {
            out.writeInt(code);
            out.writeInt(domain);
            out.write(maybeText(message.getBytes(UTF_8)));
            out.writeInt(2); // the level: an error
            out.write(new byte[7 * 4]); // no domain, no texts, no numbers, no network
        });
    }

    private static void text(DataOutputStream out, byte[] text) throws IOException {
        out.writeInt(text.length);
        out.write(text);
        out.write(new byte[padded(text.length) - text.length]);
    }

    private static int padded(int length) {
        return (length + 3) / 4 * 4;
    }

    private static byte[] payload(Writing writing) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            writing.to(new DataOutputStream(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private interface Writing {
        void to(DataOutputStream out) throws IOException;
    }
}
