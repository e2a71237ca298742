package io.stillframe.storage.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OverlayNameTest {
    private static final String LABEL = "sf-0123456789ab";

    @ParameterizedTest
    @CsvSource({
        "db01.qcow2, db01",
        "db01.img, db01",
        "db01.raw, db01",
        "db01, db01",
        "db01.vmdk, db01.vmdk",
        "two words.qcow2, two words",
        "db01.2026.qcow2, db01.2026",
        "db01.sf-00000000000a.qcow2, db01",
        "db01.sf-tooshort.qcow2, db01.sf-tooshort",
        ".qcow2, ''",
        "db01.QCOW2, db01.QCOW2"
    })
    void an_overlay_is_named_after_the_chains_first_image(String image, String stem) {
        assertThat(OverlayName.of(Path.of("/images", image), LABEL))
                .isEqualTo(Path.of("/images", stem + "." + LABEL + ".qcow2"));
    }

    @Test
    void names_do_not_grow_with_the_chain() {
        Path first = OverlayName.of(Path.of("/images/db01.qcow2"), "sf-000000000001");
        assertThat(OverlayName.of(first, "sf-000000000002")).isEqualTo(Path.of("/images/db01.sf-000000000002.qcow2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "ä", "漢", "😀", "a😀", "aa漢"})
    void a_name_fits_the_filesystem_and_is_cut_between_characters(String unit, @TempDir Path directory)
            throws Exception {
        String longest = unit.repeat(255 / unit.getBytes(StandardCharsets.UTF_8).length);
        Path overlay = OverlayName.of(directory.resolve(longest), LABEL);
        String name = overlay.getFileName().toString();
        assertThat(name.getBytes(StandardCharsets.UTF_8)).hasSizeBetween(252, 255);
        String stem = name.substring(0, name.length() - LABEL.length() - ".".length() - ".qcow2".length());
        assertThat(longest).startsWith(stem);
        assertThat(stem).doesNotContain("\uFFFD").isNotEmpty();
        Files.createFile(overlay);
    }
}
