package io.stillframe.storage.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CopyProgressTest {
    private final List<Long> told = new ArrayList<>();
    private CopyProgress progress;

    @BeforeEach
    void listen() {
        progress = new CopyProgress((done, total) -> {
            assertThat(total).isEqualTo(10_000);
            told.add(done);
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 13, 4096})
    void progress_is_read_in_whatever_pieces_it_comes(int piece) throws IOException {
        String output;
        try (var stream = CopyProgressTest.class.getResourceAsStream("convert-progress-qemu-img-7.2.22.txt")) {
            output = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
        for (int i = 0; i < output.length(); i += piece) {
            progress.accept(output.substring(i, Math.min(output.length(), i + piece)));
        }
        assertThat(told).isSorted().hasSizeGreaterThan(10).startsWith(0L).endsWith(10_000L);
    }

    @Test
    void other_output_says_nothing() {
        progress.accept("Image committed.\n" + "(x/100%)".repeat(100));
        assertThat(told).isEmpty();
    }
}
