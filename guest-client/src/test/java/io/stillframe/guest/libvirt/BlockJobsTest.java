package io.stillframe.guest.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.guest.BlockJob;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.libvirt.DomainBlockJobInfo;

class BlockJobsTest {
    @Test
    void a_disk_without_a_job_has_none() {
        assertThat(BlockJobs.read(info(0, 0, 0))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"1, PULL", "2, COPY", "3, COMMIT", "4, ACTIVE_COMMIT", "5, BACKUP", "6, OTHER"})
    void a_job_is_what_libvirt_calls_it(int type, BlockJob.Kind kind) {
        assertThat(BlockJobs.read(info(type, 3, 7))).contains(new BlockJob(kind, 3, 7));
    }

    @Test
    void a_job_that_libvirt_would_not_pivot_yet_is_not_ready() {
        BlockJob copied = new BlockJob(BlockJob.Kind.ACTIVE_COMMIT, 7, 7);

        assertThat(copied.ready()).isTrue();
        assertThat(BlockJobs.almost(copied).ready()).isFalse();
    }

    @Test
    void libvirts_own_mark_tells_when_to_pivot() {
        String copying = "<mirror type='file' job='active-commit'><source file='/srv/base'/></mirror>";
        String ready = "<mirror type='file' job='active-commit' ready='yes'><source file='/srv/base'/></mirror>";

        assertThat(DomainXml.readyToPivot(domain(ready, ""), "vda")).isTrue();
        assertThat(DomainXml.readyToPivot(domain(copying, ready), "vda")).isFalse();
        assertThat(DomainXml.readyToPivot(domain("", ready), "vda")).isFalse();
        assertThat(DomainXml.readyToPivot(domain(ready, ready), "vdz")).isFalse();
    }

    private static String domain(String vda, String vdb) {
        return """
                <domain><devices>
                  <disk type='file'><source file='/srv/a'/>%s<target dev='vda'/></disk>
                  <disk type='file'><source file='/srv/b'/>%s<target dev='vdb'/></disk>
                </devices></domain>""".formatted(vda, vdb);
    }

    private static DomainBlockJobInfo info(int type, long done, long total) {
        DomainBlockJobInfo info = new DomainBlockJobInfo();
        info.type = type;
        info.cur = done;
        info.end = total;
        return info;
    }
}
