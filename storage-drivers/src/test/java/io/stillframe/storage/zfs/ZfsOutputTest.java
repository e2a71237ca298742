package io.stillframe.storage.zfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.stillframe.storage.block.Mount;
import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Commands.Exit;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What zfs 2.1.11 and Linux 6.1 really print. */
class ZfsOutputTest {
    private static final String SNAPSHOT = "sflabpool/vms/a@sf-0123456789ab";

    private final Deque<Exit> answers = new ArrayDeque<>();
    private final Zfs zfs = new Zfs((List<String> argv, Duration limit) -> answers.remove());

    @Test
    void a_snapshots_own_properties_are_told_from_those_it_inherits() {
        prints("zfs-2.1.11-get-snapshot.txt");
        Properties ours = zfs.get(SNAPSHOT, "used").orElseThrow();
        assertThat(ours.marked(Marks.RUN, "sf-0123456789ab")).isTrue();
        assertThat(ours.marked(Marks.RUN, "sf-ba9876543210")).isFalse();
        assertThat(ours.number("used")).isZero();
        assertThat(ours.value("clones")).isEqualTo("-");
        prints("zfs-2.1.11-get-inherited.txt");
        Properties foreign = zfs.get(SNAPSHOT, Marks.RUN).orElseThrow();
        assertThat(foreign.value(Marks.RUN)).isEqualTo("sf-ba9876543210");
        assertThat(foreign.marked(Marks.RUN, "sf-ba9876543210")).isFalse();
    }

    @Test
    void a_property_that_was_not_told_is_no_answer() {
        prints("zfs-2.1.11-get-cloned.txt");
        Properties cloned = zfs.get(SNAPSHOT, "clones").orElseThrow();
        assertThat(cloned.value("clones")).isEqualTo("sflabpool/vms/b,sflabpool/vms/c");
        assertThatExceptionOfType(CommandException.class).isThrownBy(() -> cloned.value("used"));
        assertThatExceptionOfType(CommandException.class).isThrownBy(() -> cloned.number("clones"));
    }

    @Test
    void the_room_of_a_thick_zvol_is_what_lies_beside_its_reservation() {
        prints("zfs-2.1.11-get-thick-zvol.txt");
        assertThat(Space.of(zfs, "sflabpool/vms/a")).isEqualTo(new Space(11961842176L - 71303168, 12288));
        prints("zfs-2.1.11-get-filesystem.txt");
        assertThat(Space.of(zfs, "sflabpool/images")).isEqualTo(new Space(11890539008L, 0));
    }

    @Test
    void what_does_not_exist_is_absent_only_where_its_pool_answers() {
        fails("zfs-2.1.11-get-absent.err.txt");
        prints("zpool-2.1.11-list.txt");
        assertThat(zfs.get("sflabpool/vms/a@nope", "used")).isEmpty();
        fails("zfs-2.1.11-get-absent-pool.err.txt");
        fails("zpool-2.1.11-list-absent.err.txt");
        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(() -> zfs.get("nopool/a@nope", "used"))
                .withMessage("zpool list: cannot open 'nopool': no such pool");
    }

    @Test
    void a_pool() {
        prints("zpool-2.1.11-list.txt");
        assertThat(zfs.pool("sflabpool")).isEqualTo(new Pool("sflabpool", 0, "ONLINE", false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "tank", "tank\t-\tONLINE\toff", "tank\t10%\tONLINE\toff"})
    void what_is_no_pool_is_not_taken_for_one(String output) {
        assertThatExceptionOfType(CommandException.class).isThrownBy(() -> Pool.parse(output));
    }

    @ParameterizedTest
    @ValueSource(strings = {"used", "used\t0", "used\t0\t-\tmore", "\n"})
    void what_is_no_property_is_not_taken_for_one(String output) {
        assertThatExceptionOfType(CommandException.class).isThrownBy(() -> Properties.parse(output));
    }

    @Test
    void holds_are_told_by_their_tags() {
        prints("zfs-2.1.11-holds.txt");
        assertThat(zfs.holds(SNAPSHOT)).containsExactly("other tag", "stillframe:view:vda");
        answers.add(new Exit(0, "", ""));
        assertThat(zfs.holds(SNAPSHOT)).isEmpty();
    }

    @Test
    void zvols_are_told_by_their_names() {
        prints("zfs-2.1.11-list-volumes.txt");
        assertThat(zfs.volumes()).containsExactly("sflabpool/vms/a");
    }

    @Test
    void mounts() {
        List<Mount> mounts = Mount.parseAll(resource("mountinfo-6.1-zfs.txt"));
        assertThat(mounts)
                .contains(
                        new Mount("0:44", Path.of("/"), Path.of("/sflabpool/images"), "zfs", "sflabpool/images"),
                        new Mount("0:45", Path.of("/"), Path.of("/sflabpool/two words"), "zfs", "sflabpool/two words"));
        assertThat(Mount.of(Path.of("/sflabpool/images/.zfs/snapshot/monday/a.img"), mounts)
                        .orElseThrow()
                        .isDataset())
                .isFalse();
    }

    private void prints(String resource) {
        answers.add(new Exit(0, resource(resource), ""));
    }

    private void fails(String resource) {
        answers.add(new Exit(1, "", resource(resource)));
    }

    private static String resource(String name) {
        try (InputStream stream = ZfsOutputTest.class.getResourceAsStream(name)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
