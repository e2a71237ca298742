package io.stillframe.orchestrator.cli;

import io.stillframe.guest.FakeGuest;
import io.stillframe.orchestrator.lease.Lease;
import io.stillframe.orchestrator.lease.Lease.SysRq;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** A new site for each test, with the machine {@code db01} that has one disk. */
abstract class OneMachine {
    FakeSite site;
    FakeGuest db01;

    @BeforeEach
    void host(@TempDir Path directory, @TempDir Path images) throws IOException {
        site = new FakeSite(directory);
        db01 = site.guest("db01").with("vda", Files.writeString(images.resolve("vda.qcow2"), "image"));
    }

    /** Its holder and the sentinel were killed. */
    void leaseLeft() {
        Lease lease = new Lease(
                db01.id(), Optional.of("run"), Duration.ofHours(1), true, false, Set.of("vda"), SysRq.REFUSED);
        try {
            Path leases = Files.createDirectories(site.leaseDirectory());
            Files.writeString(
                    leases.resolve(db01.id().uuid() + ".lease"),
                    JsonMapper.shared().writeValueAsString(lease) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
