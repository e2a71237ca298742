package io.stillframe.orchestrator.api;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** What is in the state directory for those who ask. */
public record ApiFiles(Path directory) {
    /** The longest path of a socket, without the zero at its end (unix(7)). */
    private static final int MAX_PATH = 107;

    public Path socket() {
        return directory.toAbsolutePath().resolve("api.sock");
    }

    /** Where the socket is made, to be moved to its place when it is its owner's alone. */
    Path unready() {
        return directory.toAbsolutePath().resolve("api").resolve("api.sock");
    }

    /** Needed at the loopback interface only: who reaches the socket may read this, too. */
    Path token() {
        return directory.toAbsolutePath().resolve("api.token");
    }

    boolean fit() {
        return unready().toString().getBytes(StandardCharsets.UTF_8).length <= MAX_PATH;
    }
}
