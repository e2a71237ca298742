package io.stillframe.storage.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillframe.storage.Meter;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WriteBackTest {
    private static final int MIB = 1 << 20;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4095, 4096, 4097, 4 * MIB - 1, 4 * MIB, 4 * MIB + 1, 9 * MIB + 5000})
    void the_target_becomes_the_source_whatever_it_held(int size) throws Exception {
        Path source = file("source", random(size, 1));
        Path target = file("target", random(size, 2));

        assertThat(new WriteBack(source, target).run(Meter.NONE)).isEqualTo(size);

        assertThat(target).hasSameBinaryContentAs(source);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4095, 4096, 4 * MIB - 1, 4 * MIB, 5 * MIB})
    void only_the_grain_that_differs_is_written(int where) throws Exception {
        byte[] content = random(5 * MIB + 100, 1);
        Path source = file("source", content);
        content[where]++;
        Path target = file("target", content);

        long written = new WriteBack(source, target).run(Meter.NONE);

        assertThat(written).isEqualTo(where < 5 * MIB ? 4096 : 100);
        assertThat(target).hasSameBinaryContentAs(source);
    }

    @Test
    void what_is_the_same_is_not_written_again() throws Exception {
        byte[] content = random(9 * MIB, 1);
        Path source = file("source", content);
        Path target = file("target", content);

        assertThat(new WriteBack(source, target).run(Meter.NONE)).isZero();
    }

    @Test
    void a_hole_becomes_zeros_where_the_target_had_bytes() throws Exception {
        Path source = folder.resolve("source");
        try (RandomAccessFile hole = new RandomAccessFile(source.toFile(), "rw")) {
            hole.setLength(6 * MIB);
        }
        Path target = file("target", random(6 * MIB, 2));

        new WriteBack(source, target).run(Meter.NONE);

        assertThat(target).hasSameBinaryContentAs(source);
    }

    @Test
    void what_lies_beyond_the_source_is_left_alone() throws Exception {
        byte[] longer = random(5 * MIB, 2);
        Path source = file("source", random(4 * MIB + 1, 1));
        Path target = file("target", longer);

        new WriteBack(source, target).run(Meter.NONE);

        byte[] result = Files.readAllBytes(target);
        assertThat(result).hasSize(5 * MIB);
        assertThat(Arrays.copyOfRange(result, 4 * MIB + 1, 5 * MIB))
                .isEqualTo(Arrays.copyOfRange(longer, 4 * MIB + 1, 5 * MIB));
    }

    @Test
    void a_target_that_is_too_small_is_not_touched() throws Exception {
        Path source = file("source", random(5000, 1));
        byte[] small = random(4999, 2);
        Path target = file("target", small);

        assertThatThrownBy(() -> new WriteBack(source, target).run(Meter.NONE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("has 4999 bytes")
                .hasMessageContaining("has 5000");
        assertThat(target).hasBinaryContent(small);
    }

    @Test
    void a_target_that_is_not_there_is_not_made() throws Exception {
        Path source = file("source", random(5000, 1));
        Path target = folder.resolve("target");

        assertThatThrownBy(() -> new WriteBack(source, target).run(Meter.NONE)).isInstanceOf(NoSuchFileException.class);
        assertThat(target).doesNotExist();
    }

    @Test
    void the_meter_goes_from_nothing_to_all() throws Exception {
        Path source = file("source", random(9 * MIB, 1));
        Path target = file("target", random(9 * MIB, 2));
        List<Long> told = new ArrayList<>();

        new WriteBack(source, target).run((done, total) -> {
            assertThat(total).isEqualTo(9 * MIB);
            told.add(done);
        });

        assertThat(told).containsExactly(0L, 4L * MIB, 8L * MIB, 9L * MIB);
    }

    @Test
    void an_interrupted_one_is_done_again_and_writes_only_the_rest() throws Exception {
        Path source = file("source", random(9 * MIB, 1));
        Path target = file("target", random(9 * MIB, 2));
        WriteBack back = new WriteBack(source, target);

        assertThatThrownBy(() -> back.run((done, total) -> {
                    if (done == 4 * MIB) {
                        Thread.currentThread().interrupt();
                    }
                }))
                .isInstanceOf(ClosedByInterruptException.class);
        assertThat(Thread.interrupted()).isTrue();

        assertThat(back.run(Meter.NONE)).isEqualTo(5 * MIB);
        assertThat(target).hasSameBinaryContentAs(source);
    }

    private Path file(String name, byte[] content) throws IOException {
        return Files.write(folder.resolve(name), content);
    }

    private static byte[] random(int size, long seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
