package io.stillframe.storage.zfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotNameTest {
    private static final String LABEL = "sf-0123456789ab";

    @ParameterizedTest
    @ValueSource(strings = {"tank/db01", "tank/vms/db01-0", "t/a.b_c:d e", "tank/2nd", "tank"})
    void a_zvols_snapshot_is_what_zfs_calls_it(String dataset) {
        SnapshotName name = new SnapshotName(new Place(dataset, Optional.empty()), LABEL);
        assertThat(name).hasToString(dataset + "@" + LABEL);
        assertThat(name.zfs()).isEqualTo(dataset + "@" + LABEL);
        assertThat(SnapshotName.parse(name.toString())).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "db01.img",
                "a/b/c",
                "a b",
                "a:b",
                "a@b",
                "@" + LABEL + ":x",
                ":",
                "..x",
                "x..",
                "a\nb",
                "ä/漢/😀",
                "-r",
                "%",
                "a\tb",
                "'\"$(x)"
            })
    void a_files_snapshot_keeps_its_path_whatever_is_in_it(String path) {
        SnapshotName name = new SnapshotName(new Place("tank/images", Optional.of(path)), LABEL);
        assertThat(name.zfs()).isEqualTo("tank/images@" + LABEL);
        assertThat(SnapshotName.parse(name.toString())).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "tank",
                "tank/a",
                "tank/a@",
                "tank/a@monday",
                "tank/a@sf-0123456789a",
                "tank/a@sf-0123456789abc",
                "tank/a@sf-0123456789AB",
                "tank/a@sf-0123456789ab:",
                "tank/a@sf-0123456789ab:/etc/passwd",
                "tank/a@sf-0123456789ab:a/../../b",
                "tank/a@sf-0123456789ab:a//b",
                "tank/a@sf-0123456789ab:./b",
                "tank/a@sf-0123456789ab:a/",
                "@sf-0123456789ab",
                "/tank@sf-0123456789ab",
                "tank/@sf-0123456789ab",
                "-r@sf-0123456789ab",
                "1tank@sf-0123456789ab",
                "tank/a%recv@sf-0123456789ab",
                "tank/a,b@sf-0123456789ab",
                "tank/a#b@sf-0123456789ab"
            })
    void nothing_else_is_taken_for_one(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> SnapshotName.parse(text));
    }

    @Test
    void a_volume_knows_its_pool_and_its_neighbours() {
        assertThat(new Place("tank/vms/db01", Optional.empty()).beside("x")).isEqualTo("tank/vms/x");
        assertThat(new Place("tank/db01", Optional.empty()).beside("x")).isEqualTo("tank/x");
        assertThat(new Place("tank", Optional.of("db01.img")).beside("x")).isEqualTo("tank/x");
        assertThat(new Place("tank/vms/db01", Optional.empty()).pool()).isEqualTo("tank");
        assertThat(Place.poolOf("tank@" + LABEL)).isEqualTo("tank");
    }
}
