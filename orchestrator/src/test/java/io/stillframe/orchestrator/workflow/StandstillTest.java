package io.stillframe.orchestrator.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.db.Evidence;
import io.stillframe.db.Filesystem;
import io.stillframe.guest.Domain;
import io.stillframe.guest.FakeGuest;
import io.stillframe.guest.FakeHypervisor;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StandstillTest {
    private static final Filesystem ROOT = new Filesystem("/", "vda", "xfs", List.of("vda"));
    private static final Filesystem DATA = new Filesystem("/data", "vdb", "xfs", List.of("vdb"));
    private static final Filesystem ANYWHERE = new Filesystem("/any", "dm-0", "xfs", List.of());
    private static final Filesystem BESIDE = new Filesystem("/beside", "vdc", "xfs", List.of("vdc"));

    private final FakeGuest guest =
            new FakeGuest("db01").with("vda", Path.of("/images/vda")).with("vdb", Path.of("/images/vdb"));

    @Test
    void a_disk_that_nobody_counts_does_not_stand_still() {
        guest.withoutCounter("vdb");
        assertThat(checks(ROOT, DATA)).containsExactly("writes");
        assertThat(checks(ROOT)).as("it is not about that disk").containsExactly("standstill");
        assertThat(checks(ANYWHERE)).as("it may lie there").containsExactly("writes");
    }

    @Test
    void a_disk_that_the_snapshot_does_not_have_need_not_be_counted() {
        assertThat(checks(ROOT, DATA, BESIDE)).containsExactly("standstill");
        assertThat(checks(ANYWHERE)).containsExactly("standstill");
    }

    private List<String> checks(Filesystem... watched) {
        Standstill standstill = new Standstill(List.of(watched), Set.of("vda", "vdb"));
        try (Domain domain = new FakeHypervisor(List.of(guest)).domain(guest.id())) {
            standstill.begin(domain);
            standstill.end(domain);
        }
        return standstill.evidence().stream().map(Evidence::check).toList();
    }
}
