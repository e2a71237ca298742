package io.stillframe.orchestrator.cli;

import io.stillframe.guest.FakeGuest;
import io.stillframe.orchestrator.lease.Lease.SysRq;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

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
        site.leaseLeft(db01.id(), SysRq.REFUSED);
    }
}
