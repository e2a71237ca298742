package io.stillframe.storage.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class DaemonTest {
    private static final Path VIEW = Path.of("/var/lib/stillframe/open/sf-1/vda.raw");

    @Test
    void a_chain_is_told_to_its_end_and_nothing_is_writable() {
        List<Layer> layers =
                List.of(new Layer(Path.of("/i/a, \"b\".qcow2"), "qcow2"), new Layer(Path.of("/i/r"), "raw"));
        assertThat(Daemon.argv(layers, VIEW))
                .containsExactly(
                        "qemu-storage-daemon",
                        "--daemonize",
                        "--blockdev",
                        "{\"driver\":\"qcow2\",\"read-only\":true,\"force-share\":true,\"file\":{\"driver\":\"file\","
                                + "\"filename\":\"/i/a, \\\"b\\\".qcow2\",\"read-only\":true,\"force-share\":true},"
                                + "\"backing\":{\"driver\":\"raw\",\"read-only\":true,\"force-share\":true,\"file\":{\"driver\":\"file\","
                                + "\"filename\":\"/i/r\",\"read-only\":true,\"force-share\":true}},\"node-name\":\"image\"}",
                        "--export",
                        "{\"type\":\"fuse\",\"id\":\"export\",\"node-name\":\"image\",\"mountpoint\":\"" + VIEW
                                + "\",\"writable\":false,\"allow-other\":\"off\"}");
    }

    @Test
    void an_image_alone_has_nothing_below_it_to_be_looked_for() {
        assertThat(Daemon.argv(List.of(new Layer(Path.of("/i/a"), "qcow2")), VIEW)
                        .get(3))
                .contains("\"backing\":null");
    }

    @Test
    void nobody_serves_what_was_never_opened() {
        assertThat(Daemon.serving(VIEW)).isEmpty();
        assertThat(Daemon.end(VIEW)).isTrue();
    }
}
