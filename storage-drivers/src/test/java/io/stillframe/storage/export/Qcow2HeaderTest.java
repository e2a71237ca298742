package io.stillframe.storage.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Qcow2HeaderTest {
    @TempDir
    private Path directory;

    @Test
    void an_overlay_names_what_it_covers_and_its_format() throws IOException {
        assertThat(Qcow2Header.read(captured("overlay")))
                .contains(new Qcow2Header(1 << 20, Optional.of("/tmp/q2/base.raw"), Optional.of("raw"), false, false));
    }

    @Test
    void the_older_version_has_no_features_and_the_same_names() throws IOException {
        assertThat(Qcow2Header.read(captured("overlay-compat-0.10")))
                .contains(new Qcow2Header(1 << 20, Optional.of("base.raw"), Optional.of("raw"), false, false));
    }

    @Test
    void an_image_alone_covers_nothing() throws IOException {
        assertThat(Qcow2Header.read(captured("plain")))
                .contains(new Qcow2Header(3 << 20, Optional.empty(), Optional.empty(), false, false));
    }

    @Test
    void a_damaged_image_says_so() throws IOException {
        Path image = captured("plain");
        byte[] header = Files.readAllBytes(image);
        header[79] |= 2;
        Files.write(image, header);
        assertThat(Qcow2Header.read(image).orElseThrow().corrupt()).isTrue();
    }

    @Test
    void what_is_no_image_has_no_header() throws IOException {
        assertThat(Qcow2Header.read(directory.resolve("absent"))).isEmpty();
        assertThat(Qcow2Header.read(directory)).isEmpty();
        assertThat(Qcow2Header.read(Path.of("/dev/null"))).isEmpty();
        assertThat(Qcow2Header.read(Files.createFile(directory.resolve("empty"))))
                .isEmpty();
        assertThat(Qcow2Header.read(Files.writeString(directory.resolve("short"), "QFI\u00fb")))
                .isEmpty();
        assertThat(Qcow2Header.read(Files.write(directory.resolve("raw"), new byte[1 << 20])))
                .isEmpty();
    }

    @Test
    void a_header_of_a_guests_making_does_no_harm() throws IOException {
        byte[] real = Files.readAllBytes(captured("overlay"));
        Path image = directory.resolve("hostile");
        Random dice = new Random(1);
        for (int i = 0; i < 5000; i++) {
            byte[] header = real.clone();
            for (int k = dice.nextInt(6); k >= 0; k--) {
                ByteBuffer.wrap(header).putInt(4 + dice.nextInt(500), dice.nextInt() >> dice.nextInt(32));
            }
            Files.write(image, header);
            Qcow2Header.read(image)
                    .flatMap(Qcow2Header::backing)
                    .ifPresent(name -> assertThat(name.length()).isLessThan(1024));
            Qcow2Header.holdsNothing(image);
            ImageChain.of(new Layer(image, "qcow2"));
        }
    }

    @Test
    void an_image_holds_nothing_until_something_is_written_to_it() throws IOException {
        assertThat(Qcow2Header.holdsNothing(captured("plain"))).isTrue();
        assertThat(Qcow2Header.holdsNothing(Files.createFile(directory.resolve("begun"))))
                .isTrue();
        assertThat(Qcow2Header.holdsNothing(Files.writeString(directory.resolve("text"), "somebody else's")))
                .isFalse();
        assertThat(Qcow2Header.holdsNothing(directory.resolve("absent"))).isFalse();
        Path written = captured("plain");
        byte[] header = Files.readAllBytes(written);
        ByteBuffer.wrap(header).putLong(40, 800).putLong(800, 1L << 63 | 0x50000);
        Files.write(written, header);
        assertThat(Qcow2Header.holdsNothing(written)).isFalse();
    }

    @Test
    void an_image_with_snapshots_inside_holds_something() throws IOException {
        Path image = captured("plain");
        byte[] header = Files.readAllBytes(image);
        ByteBuffer.wrap(header).putInt(60, 1);
        Files.write(image, header);
        assertThat(Qcow2Header.holdsNothing(image)).isFalse();
    }

    private Path captured(String name) throws IOException {
        try (var stream = Qcow2HeaderTest.class.getResourceAsStream(name + "-qemu-img-7.2.22.bin")) {
            return Files.write(directory.resolve(name), stream.readAllBytes());
        }
    }
}
