package io.stillframe.orchestrator.proof.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillframe.orchestrator.proof.image.SparseImage;
import io.stillframe.orchestrator.proof.image.Unreadable;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Descriptions as LVM2 writes them, of what cannot be made without a device-mapper. */
class LinearVolumesTest {
    private static final String UUID = "a".repeat(32);

    @Test
    void a_snapshot_is_named_and_its_origin_is_read() {
        String segment =
                "segment1 { start_extent = 0 extent_count = 2 type = \"striped\" stripe_count = 1 stripes = [ \"pv0\", %d ] }";
        List<LogicalVolume> volumes = volumes("""
                root { status = ["READ", "WRITE", "VISIBLE"] segment_count = 1 %s }
                snap { status = ["READ", "WRITE", "VISIBLE"] segment_count = 1 %s }
                snapshot0 { status = ["READ", "WRITE"] segment_count = 1
                  segment1 { start_extent = 0 extent_count = 2 type = "snapshot" chunk_size = 8
                    origin = "root" cow_store = "snap" } }
                """.formatted(segment.formatted(0), segment.formatted(2)));
        assertThat(volumes).extracting(LogicalVolume::name).containsExactly("root", "snap");
        assertThat(volumes.get(0).image()).get().matches(image -> image.size() == 2 << 20);
        assertThat(volumes.get(1).reason()).isEqualTo("it is a snapshot");
    }

    @Test
    void a_thin_volume_is_named() {
        List<LogicalVolume> volumes = volumes("""
                thin { status = ["READ", "WRITE", "VISIBLE"] segment_count = 1
                  segment1 { start_extent = 0 extent_count = 256 type = "thin" thin_pool = "pool" } }
                pool_tdata { status = ["READ", "WRITE"] segment_count = 1 }
                """);
        assertThat(volumes).extracting(LogicalVolume::reason).containsExactly("it is not linear but thin");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "segment_count = 0",
                "segment_count = 2",
                "segment_count = -1",
                "segment_count = \"1\"",
                "",
                "segment_count = 1 segment1 { type = \"striped\" stripe_count = 1 stripes = [ \"pv0\", 0 ] }",
                "segment_count = 1 segment1 { start_extent = 0 extent_count = 99999 type = \"striped\" stripe_count = 1 stripes = [ \"pv0\", 0 ] }",
                "segment_count = 1 segment1 { start_extent = 0 extent_count = 1 type = \"striped\" stripe_count = 1 stripes = [ \"pv0\", -3 ] }",
                "segment_count = 1 segment1 { start_extent = 5 extent_count = 1 type = \"striped\" stripe_count = 1 stripes = [ \"pv0\", 0 ] }",
                "segment_count = 1 segment1 { start_extent = 0 extent_count = 9223372036854775807 type = \"striped\" stripe_count = 1 stripes = [ \"pv0\", 9223372036854775807 ] }"
            })
    void a_volume_that_makes_no_sense_is_named(String segments) {
        assertThat(volumes("root { status = [\"VISIBLE\"] " + segments + " }"))
                .singleElement()
                .matches(volume -> volume.image().isEmpty() && !volume.reason().isEmpty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "}",
                "a",
                "a =",
                "a = [",
                "a = [ 1, ",
                "a = \"",
                "a = 99999999999999999999",
                "a { b {",
                "a = 1 }",
                "a = 1.5.2",
                "= 1",
                "a [ 1 ]",
                "a { a { a { a { a { a { a { a { a { a { } } } } } } } } } }"
            })
    void a_text_that_is_none_is_refused(String text) {
        assertThatThrownBy(() -> MetadataText.parse(text)).isInstanceOf(Unreadable.class);
    }

    @Test
    void comments_and_escapes_are_understood() {
        assertThat(MetadataText.parse("# Generated\na = \"b\\\"c\" # d = 1\ne = [1, \"2\"]\n\0")
                        .values())
                .containsEntry("a", "b\"c")
                .containsEntry("e", List.of(1L, "2"))
                .hasSize(2);
    }

    private static List<LogicalVolume> volumes(String volumes) {
        String group = """
                vg { extent_size = 2048
                  physical_volumes { pv0 { id = "%s" pe_start = 2048 } }
                  logical_volumes { %s } }
                contents = "Text Format Volume Group"
                """.formatted(UUID, volumes);
        return new LinearVolumes(new SparseImage(64 << 20), UUID).of(MetadataText.parse(group));
    }
}
