package io.stillframe.orchestrator.api;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;

/** What shows at the loopback interface, which every user of this host reaches, that one may read a file of its owner's. */
record Token(String text) {
    private static final int BYTES = 32;
    private static final String BEARER = "Bearer ";
    private static final Set<PosixFilePermission> OWNERS = PosixFilePermissions.fromString("rw-------");

    /**
     * Reads it, or makes it where there is none.
     *
     * @throws IOException also when others than the owner may read or change it
     */
    static Token in(Path file) throws IOException {
        // one that an earlier daemon made stays, so that whoever knows it goes on knowing it
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            make(file);
        }
        if (!Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS).equals(OWNERS)) {
            throw new IOException("%s is not for its owner alone: remove it, and a new one is made".formatted(file));
        }
        String text = Files.readString(file).strip();
        if (text.length() < BYTES) {
            throw new IOException("%s holds no token: remove it, and a new one is made".formatted(file));
        }
        return new Token(text);
    }

    /** There with all that is in it, or not at all: one cut short would keep every later daemon from its start. */
    private static void make(Path file) throws IOException {
        Path made = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(made);
        Files.createFile(made, PosixFilePermissions.asFileAttribute(OWNERS));
        try (FileChannel channel = FileChannel.open(made, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes(random() + "\n")));
            channel.force(true);
        }
        Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static String random() {
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** Compares in a time that tells nothing about where the two differ. */
    boolean isIn(String authorization) {
        return authorization != null
                && authorization.startsWith(BEARER)
                && MessageDigest.isEqual(bytes(authorization.substring(BEARER.length())), bytes(text));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return "Token";
    }
}
