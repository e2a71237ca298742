package io.stillframe.storage.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.storage.qcow2.PretendedImages;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageChainTest {
    @TempDir
    private Path directory;

    private final PretendedImages images = new PretendedImages();
    private Path base;
    private Path top;

    @BeforeEach
    void twoLayers() throws IOException {
        base = Files.writeString(directory.resolve("base.raw"), "a=1\n");
        top = directory.resolve("top.qcow2");
        images.create(top, Optional.of(base.toString()), Optional.of("raw"));
    }

    @Test
    void a_chain_is_told_from_the_top_down() {
        assertThat(ImageChain.of(new Layer(top, "qcow2")))
                .isEqualTo(new ImageChain.Whole(List.of(new Layer(top, "qcow2"), new Layer(base, "raw"))));
        assertThat(ImageChain.backing(top)).contains(base);
        assertThat(ImageChain.backing(base)).isEmpty();
    }

    /** The node is made, and no device is behind it: nobody opens it. */
    @Test
    void a_block_device_is_as_good_as_a_file_where_it_is_raw() throws Exception {
        Path device = directory.resolve("volume");
        Process mknod = new ProcessBuilder("mknod", device.toString(), "b", "7", "250")
                .inheritIO()
                .start();
        assertThat(mknod.waitFor()).isZero();
        images.create(top, Optional.of(device.toString()), Optional.of("raw"));
        assertThat(ImageChain.of(new Layer(top, "qcow2")))
                .isEqualTo(new ImageChain.Whole(List.of(new Layer(top, "qcow2"), new Layer(device, "raw"))));
        assertThat(Daemon.argv(List.of(new Layer(device, "raw")), directory).get(3))
                .contains("\"host_device\"");
        images.create(top, Optional.of(device.toString()), Optional.of("qcow2"));
        assertThat(ImageChain.of(new Layer(top, "qcow2"))).isInstanceOf(ImageChain.Broken.class);
        images.create(top, Optional.of("/dev/null"), Optional.of("raw"));
        assertThat(ImageChain.of(new Layer(top, "qcow2"))).isInstanceOf(ImageChain.Broken.class);
    }

    @Test
    void what_a_guest_wrote_into_a_raw_image_is_no_header() throws IOException {
        Files.copy(top, directory.resolve("guests.raw"));
        assertThat(ImageChain.of(new Layer(directory.resolve("guests.raw"), "raw")))
                .isEqualTo(new ImageChain.Whole(List.of(new Layer(directory.resolve("guests.raw"), "raw"))));
    }

    @Test
    void an_image_that_keeps_its_data_elsewhere_is_not_followed() throws IOException {
        try (var file = FileChannel.open(top, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.allocate(8).putLong(0, 0b100), 72);
        }
        assertThat(Qcow2Header.read(top).orElseThrow().externalData()).isTrue();
        assertThat(ImageChain.of(new Layer(top, "qcow2"))).isInstanceOf(ImageChain.Broken.class);
        assertThat(ImageChain.withExternalData(new Layer(top, "qcow2"))).contains(top);
        Path above = directory.resolve("above.qcow2");
        images.create(above, Optional.of(top.toString()), Optional.of("qcow2"));
        assertThat(ImageChain.of(new Layer(above, "qcow2"))).isInstanceOf(ImageChain.Broken.class);
        assertThat(ImageChain.withExternalData(new Layer(above, "qcow2"))).contains(top);
        assertThat(ImageChain.withExternalData(new Layer(base, "raw"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"base.raw", "./base.raw", "file:base.raw"})
    void a_relative_name_is_beside_the_image_that_has_it(String name) {
        images.create(top, Optional.of(name), Optional.of("raw"));
        assertThat(ImageChain.of(new Layer(top, "qcow2")).layers().stream()
                        .skip(1)
                        .map(layer -> ImageChain.same(layer.file(), base)))
                .containsExactly(true);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nbd://host/x", "json:{\"driver\":\"nbd\"}", "rbd:pool/image", "fat:/etc"})
    void what_is_no_file_breaks_a_chain(String name) {
        images.create(top, Optional.of(name), Optional.of("raw"));
        assertBroken(top, "is no file, or its format is not told");
    }

    @Test
    void a_format_that_is_not_told_breaks_a_chain() {
        images.create(top, Optional.of(base.toString()), Optional.empty());
        assertBroken(top, "its format is not told");
        images.create(top, Optional.of(base.toString()), Optional.of("vmdk"));
        assertBroken(top, "its format is not told");
        assertThat(ImageChain.backing(top)).contains(base);
    }

    @Test
    void what_is_missing_or_is_another_format_breaks_a_chain() throws IOException {
        images.create(top, Optional.of(base.toString()), Optional.of("qcow2"));
        assertBroken(top, base + " is no qcow2 image");
        Files.delete(base);
        assertBroken(top, base + " is not there");
        assertBroken(directory.resolve("absent"), "absent is not there");
    }

    @Test
    void images_that_lie_on_themselves_break_a_chain() {
        images.create(top, Optional.of(top.toString()), Optional.of("qcow2"));
        assertBroken(top, "more than 200 images");
    }

    @Test
    void a_link_leads_to_the_same_file() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("link"), base);
        assertThat(ImageChain.same(link, base)).isTrue();
        assertThat(ImageChain.same(top, base)).isFalse();
        assertThat(ImageChain.same(directory.resolve("x/../absent"), directory.resolve("absent")))
                .isTrue();
    }

    private static void assertBroken(Path image, String reason) {
        assertThat(ImageChain.of(new Layer(image, "qcow2")))
                .isInstanceOfSatisfying(
                        ImageChain.Broken.class,
                        broken -> assertThat(broken.reason()).contains(reason));
    }
}
