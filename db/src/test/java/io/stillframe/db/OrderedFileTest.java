package io.stillframe.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrderedFileTest {
    private static final int BLOCK = 4096;

    @TempDir
    private Path directory;

    private Path path;

    @BeforeEach
    void name() {
        path = directory.resolve("file");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void it_reads_as_an_ordinary_file_does(long seed) throws IOException {
        Random random = new Random(seed);
        try (FileChannel ordinary = channel(directory.resolve("ordinary"))) {
            for (int opening = 0; opening < 20; opening++) {
                try (OrderedFile file = open()) {
                    for (int i = 0; i < 10; i++) {
                        change(file, ordinary, random);
                        assertThat(contents(file)).isEqualTo(contents(ordinary));
                    }
                }
            }
        }
    }

    @Test
    void whichever_byte_is_damaged_the_file_is_as_it_was_before_the_write_that_it_belongs_to() throws IOException {
        List<Integer> ends = new ArrayList<>();
        try (OrderedFile file = open()) {
            for (int i = 0; i < 3; i++) {
                ends.add((int) Files.size(path));
                file.write(block(i), (long) i * BLOCK);
            }
        }
        byte[] whole = Files.readAllBytes(path);
        for (int at = ends.get(0); at < whole.length; at += 13) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 1;
            Files.write(path, damaged);
            int before = at;
            int writes = (int) ends.stream().filter(end -> end <= before).count() - 1;
            try (OrderedFile file = look()) {
                assertThat(file.size()).as("byte %d", at).isEqualTo((long) writes * BLOCK);
            }
        }
    }

    @Test
    void what_came_after_a_lost_write_does_not_come_back_when_the_same_is_written_again() throws IOException {
        int lost;
        try (OrderedFile file = open()) {
            file.write(block(1), 0);
            lost = (int) Files.size(path);
            file.write(block(2), BLOCK);
            file.write(block(3), 2 * BLOCK);
        }
        byte[] bytes = Files.readAllBytes(path);
        bytes[lost] ^= 1;
        Files.write(path, bytes);
        try (OrderedFile file = open()) {
            assertThat(file.size()).isEqualTo(BLOCK);
            file.write(block(2), BLOCK);
        }
        try (OrderedFile file = look()) {
            assertThat(file.size()).isEqualTo(2 * BLOCK);
        }
    }

    @Test
    void a_write_does_not_follow_another_than_the_one_it_followed() throws IOException {
        int second;
        try (OrderedFile file = open()) {
            file.write(block(1), 0);
            second = (int) Files.size(path);
            file.write(block(2), BLOCK);
        }
        byte[] bytes = Files.readAllBytes(path);
        Files.delete(path);
        try (OrderedFile file = open()) {
            file.write(block(3), 0);
        }
        byte[] other = Files.readAllBytes(path);
        System.arraycopy(other, 0, bytes, 0, second);
        Files.write(path, bytes);
        try (OrderedFile file = look()) {
            assertThat(file.size()).isEqualTo(BLOCK);
        }
    }

    @Test
    void a_file_that_lacks_what_was_forced_is_damaged_and_left_as_it_is() throws IOException {
        try (OrderedFile file = open()) {
            file.write(block(1), 0);
            file.write(block(2), BLOCK);
            force();
            file.write(block(3), 2 * BLOCK);
        }
        byte[] whole = Files.readAllBytes(path);
        int forced = whole.length - BLOCK - 16;
        Files.write(path, Arrays.copyOf(whole, forced));
        try (OrderedFile file = open()) {
            assertThat(file.size()).isEqualTo(2 * BLOCK);
        }
        byte[] damaged = Arrays.copyOf(whole, forced - 1);
        Files.write(path, damaged);
        assertThatExceptionOfType(DamagedException.class).isThrownBy(this::open);
        assertThat(path).hasBinaryContent(damaged);
    }

    @Test
    void a_write_that_is_under_way_is_not_forced() throws IOException {
        try (OrderedFile file = open()) {
            file.write(block(1), 0);
        }
        long size = Files.size(path);
        try (FileChannel channel = channel(path)) {
            channel.write(ByteBuffer.allocate(100), size);
            force();
            assertThat(Chain.claimed(channel).end()).isEqualTo(size);
        }
    }

    @Test
    void a_file_that_begins_otherwise_is_damaged() throws IOException {
        Files.write(path, new byte[4 * BLOCK]);
        assertThatExceptionOfType(DamagedException.class).isThrownBy(this::open);
        Files.write(path, new byte[1]);
        assertThatExceptionOfType(DamagedException.class).isThrownBy(this::open);
    }

    @Test
    void to_look_at_a_file_changes_nothing() throws IOException {
        try (OrderedFile file = open()) {
            file.write(block(1), 0);
        }
        byte[] withRest = Arrays.copyOf(Files.readAllBytes(path), BLOCK + 1000);
        Files.write(path, withRest);
        look().close();
        assertThat(path).hasBinaryContent(withRest);
    }

    @Test
    void nothing_but_whole_blocks_without_a_gap_is_written() throws IOException {
        try (OrderedFile file = open()) {
            file.write(block(1), 0);
            assertRefused(file, ByteBuffer.allocate(BLOCK), 1);
            assertRefused(file, ByteBuffer.allocate(BLOCK - 1), BLOCK);
            assertRefused(file, ByteBuffer.allocate(BLOCK), 2 * BLOCK);
            assertThatExceptionOfType(IOException.class).isThrownBy(() -> file.truncate(1));
            assertThat(file.size()).isEqualTo(BLOCK);
        }
    }

    private static void assertRefused(OrderedFile file, ByteBuffer bytes, long position) {
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> file.write(bytes, position));
    }

    private void change(OrderedFile file, FileChannel ordinary, Random random) throws IOException {
        long blocks = file.size() / BLOCK;
        long position = random.nextLong(blocks + 1) * BLOCK;
        if (random.nextInt(5) == 0) {
            file.truncate(position);
            ordinary.truncate(position);
        } else {
            byte[] bytes = new byte[BLOCK * random.nextInt(1, 4)];
            random.nextBytes(bytes);
            file.write(ByteBuffer.wrap(bytes), position);
            ordinary.write(ByteBuffer.wrap(bytes), position);
        }
    }

    /** In pieces that begin and end within blocks. */
    private static byte[] contents(FileChannel file) throws IOException {
        ByteBuffer contents = ByteBuffer.allocate((int) file.size() + 1);
        ByteBuffer piece = ByteBuffer.allocate(BLOCK + 1234);
        while (file.read(piece, contents.position()) >= 0) {
            contents.put(piece.flip());
            piece.clear();
        }
        return Arrays.copyOf(contents.array(), contents.position());
    }

    private static ByteBuffer block(int value) {
        byte[] block = new byte[BLOCK];
        Arrays.fill(block, (byte) value);
        return ByteBuffer.wrap(block);
    }

    private OrderedFile open() throws IOException {
        return new OrderedFile(channel(path), true);
    }

    private OrderedFile look() throws IOException {
        return new OrderedFile(FileChannel.open(path, StandardOpenOption.READ), false);
    }

    private void force() throws IOException {
        try (Forcing forcing = Forcing.open(new LocalDisk(), path)) {
            forcing.force();
        }
    }

    private static FileChannel channel(Path path) throws IOException {
        return FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }
}
