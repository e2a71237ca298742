package io.stillframe.orchestrator.cli;

import static io.stillframe.orchestrator.cli.FakeSite.names;
import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.guest.Faults.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class OpenCommandTest extends OneMachine {
    @Test
    void an_open_snapshot_has_its_paths_and_is_not_deleted() {
        String id = site.snapshot("db01");
        assertThat(site.run("open", id, "--json")).isZero();
        assertThat(names(site.json())).containsExactly("snapshot", "vm", "views", "error");
        JsonNode view = site.json().get("views").get(0);
        assertThat(names(view)).containsExactly("disk", "path", "format");
        assertThat(view.get("format").asString()).isEqualTo("raw");
        assertThat(site.run("open", id)).as("again").isZero();
        assertThat(site.out()).isEqualTo("vda  %s\n".formatted(view.get("path").asString()));
        assertThat(site.run("snapshots")).isZero();
        assertThat(site.out()).contains("  open  ");
        assertThat(site.run("delete", id)).isEqualTo(3);
        assertThat(site.err()).contains("is open since", "hint: close it with 'stillframe close " + id + "'");
    }

    @Test
    void a_closed_snapshot_is_closed_however_often() {
        String id = site.snapshot("db01");
        site.run("open", id);
        for (int i = 0; i < 2; i++) {
            assertThat(site.run("close", id, "--json")).isZero();
            assertThat(names(site.json())).containsExactly("snapshot", "vm", "closed", "error");
            assertThat(site.json().get("closed").asBoolean()).isTrue();
        }
        assertThat(site.storage.open()).isEmpty();
        assertThat(site.run("delete", id)).isZero();
    }

    @Test
    void the_snapshot_of_a_machine_that_is_no_more_is_opened_and_closed() {
        String id = site.snapshot("db01");
        site.undefine(db01);
        assertThat(site.run("open", id)).as(site.err()).isZero();
        assertThat(site.out()).startsWith("vda  ");
        assertThat(site.run("close", id)).isZero();
        assertThat(site.storage.open()).isEmpty();
    }

    @Test
    void a_view_that_is_in_use_stays_open() {
        String id = site.snapshot("db01");
        site.run("open", id);
        db01.faults().on("store.close", Kind.REFUSED);
        assertThat(site.run("close", id)).isEqualTo(3);
        assertThat(site.err()).contains("is still open");
        assertThat(site.run("snapshots", "--json")).isZero();
        assertThat(site.json().get("snapshots").get(0).get("openedAt").isNull()).isFalse();
    }

    @Test
    void of_several_volumes_all_are_open_or_none(@TempDir Path images) throws IOException {
        db01.with("vdb", Files.writeString(images.resolve("vdb.qcow2"), "image"));
        String id = site.snapshot("db01");
        db01.faults().before("store.open", () -> db01.faults().on("store.open", Kind.REFUSED));
        assertThat(site.run("open", id, "--json")).isEqualTo(3);
        assertThat(site.json().get("views")).isEmpty();
        assertThat(site.storage.open()).isEmpty();
        assertThat(site.run("snapshots", "--json")).isZero();
        assertThat(site.json().get("snapshots").get(0).get("openedAt").isNull()).isTrue();
    }

    @Test
    void a_lost_snapshot_is_not_offered() {
        String id = site.snapshot("db01");
        site.storage.lose(
                site.read(journal -> Selection.of(journal, id).volumes().get(0).snapshot()));
        site.run("snapshots");
        for (String command : List.of("open", "clone")) {
            assertThat(site.run(command, id)).isEqualTo(3);
            assertThat(site.err()).contains("was lost by its storage", "stillframe delete " + id);
        }
        assertThat(site.run("open", "db01@latest")).isEqualTo(3);
        assertThat(site.run("delete", id)).as(site.err()).isZero();
    }
}
