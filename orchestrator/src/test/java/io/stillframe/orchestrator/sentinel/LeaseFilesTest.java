package io.stillframe.orchestrator.sentinel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeaseFilesTest {
    private static final UUID VM = new UUID(0, 1);

    @TempDir
    private Path directory;

    @Test
    void whoever_asks_for_a_lease_that_this_process_has_in_hand_does_not_unlock_it() throws IOException {
        LeaseFile file = new LeaseFiles(directory).take(VM).orElseThrow();
        assertThat(new LeaseFiles(directory).take(VM)).isEmpty();
        assertThat(isLocked()).isTrue();
        file.close();
        assertThat(isLocked()).isFalse();
    }

    @Test
    void a_lease_that_is_closed_twice_is_only_once() throws IOException {
        LeaseFile first = new LeaseFiles(directory).take(VM).orElseThrow();
        first.close();
        try (LeaseFile second = new LeaseFiles(directory).take(VM).orElseThrow()) {
            first.close();
            assertThat(new LeaseFiles(directory).take(VM)).isEmpty();
            assertThat(second).isNotNull();
            assertThat(isLocked()).isTrue();
        }
    }

    /** By the kernel's word (proc(5)): another process would not get it. */
    private boolean isLocked() throws IOException {
        Object inode = Files.getAttribute(directory.resolve("leases/" + VM + ".lock"), "unix:ino");
        return Files.readString(Path.of("/proc/locks")).contains(":" + inode + " ");
    }
}
