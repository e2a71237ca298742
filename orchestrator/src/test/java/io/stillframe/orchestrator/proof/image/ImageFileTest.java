package io.stillframe.orchestrator.proof.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFileTest {
    @TempDir
    private Path directory;

    @Test
    void any_range_of_a_file_is_read() throws IOException {
        Path file = Files.write(directory.resolve("disk"), new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9});
        try (ImageFile image = ImageFile.open(file)) {
            assertThat(image.size()).isEqualTo(9);
            assertThat(image.bytes(1, 4).u32(0)).isEqualTo(0x05040302L);
            assertThat(image.bytes(1, 8).bigEndian().u64(0)).isEqualTo(0x0203040506070809L);
            assertThat(image.bytes(9, 0).length()).isZero();
        }
    }

    @Test
    void a_range_beyond_the_end_is_not_read() throws IOException {
        Path file = Files.write(directory.resolve("disk"), new byte[9]);
        try (ImageFile image = ImageFile.open(file)) {
            for (long offset : List.of(-1L, 1L, 10L, Long.MAX_VALUE, Long.MIN_VALUE)) {
                assertThatThrownBy(() -> image.read(offset, 9)).isInstanceOf(Unreadable.class);
                assertThatThrownBy(() -> image.part(0, 9).read(offset, 9)).isInstanceOf(Unreadable.class);
                assertThatThrownBy(() -> image.part(offset, 9)).isInstanceOf(Unreadable.class);
            }
            assertThatThrownBy(() -> image.part(0, Long.MAX_VALUE)).isInstanceOf(Unreadable.class);
            assertThatThrownBy(() -> image.part(1, -1)).isInstanceOf(Unreadable.class);
        }
    }

    @Test
    void pieces_put_together_are_read_across_their_borders() throws IOException {
        Path file = Files.write(directory.resolve("disk"), new byte[] {0, 1, 2, 3, 4, 5, 6, 7});
        try (ImageFile image = ImageFile.open(file)) {
            DiskImage joined =
                    new Joined(image, List.of(new Extent(0, 6, 2), new Extent(2, 0, 1), new Extent(3, 3, 2)));
            assertThat(joined.size()).isEqualTo(5);
            assertThat(joined.bytes(1, 4).array(0, 4)).containsExactly(7, 0, 3, 4);
            assertThatThrownBy(() -> joined.read(2, 4)).isInstanceOf(Unreadable.class);
        }
    }

    @Test
    void pieces_with_a_gap_or_beyond_the_end_are_refused() {
        DiskImage disk = new SparseImage(8);
        assertThatThrownBy(() -> new Joined(disk, List.of(new Extent(1, 0, 1)))).isInstanceOf(Unreadable.class);
        assertThatThrownBy(() -> new Joined(disk, List.of(new Extent(0, 7, 2)))).isInstanceOf(Unreadable.class);
        assertThatThrownBy(() -> new Extent(0, -1, 2)).isInstanceOf(Unreadable.class);
        assertThatThrownBy(() -> new Extent(Long.MAX_VALUE, 0, 2)).isInstanceOf(Unreadable.class);
    }

    @Test
    void a_file_that_is_not_there_is_an_error_and_not_an_answer() {
        assertThatThrownBy(() -> ImageFile.open(directory.resolve("none"))).isInstanceOf(UncheckedIOException.class);
    }

    @Test
    void a_file_that_becomes_shorter_is_an_error_and_not_an_answer() throws IOException {
        Path file = Files.write(directory.resolve("disk"), new byte[9]);
        try (ImageFile image = ImageFile.open(file)) {
            Files.write(file, new byte[4]);
            assertThatThrownBy(() -> image.read(0, 9))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("it became shorter");
        }
    }
}
