package io.stillframe.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Power losses at random moments of random histories; a failure names what it takes to have the same again. */
class JournalPowerLossTest {
    private static final int LOSSES = 220;

    @TempDir
    private Path root;

    @ParameterizedTest
    @MethodSource("few")
    void after_a_power_loss_the_journal_is_as_it_was_at_one_moment_since_it_was_last_forced(long seed)
            throws IOException {
        losePower(seed);
    }

    @ParameterizedTest
    @MethodSource("many")
    @Tag("long")
    void and_so_it_is_after_very_many_power_losses(long seed) throws IOException {
        losePower(seed);
    }

    static LongStream few() {
        return LongStream.rangeClosed(1, 8);
    }

    static LongStream many() {
        return LongStream.rangeClosed(1001, 1100);
    }

    private void losePower(long seed) throws IOException {
        Path directory = Files.createDirectory(root.resolve("journal"));
        try (TapedDisk disk = new TapedDisk(directory)) {
            Workload workload = new Workload(new Random(seed), directory, disk);
            workload.run(4, 30);
            for (int i = 0; i < LOSSES; i++) {
                Random random = new Random(seed * LOSSES + i);
                PowerLoss loss = new PowerLoss(disk.tape(), random);
                after("seed %d, loss %d, %s".formatted(seed, i, loss), workload, loss, random);
            }
        }
    }

    private void after(String which, Workload before, PowerLoss loss, Random random) throws IOException {
        Path directory = write(loss.image());
        try (TapedDisk disk = new TapedDisk(directory)) {
            assertOneOf(before.possible(loss), which, directory, disk, random);
            if (random.nextInt(6) == 0) {
                goOnAndLosePowerAgain(which, directory, disk, random);
            }
        }
        delete(directory);
    }

    private void goOnAndLosePowerAgain(String which, Path directory, TapedDisk disk, Random random) throws IOException {
        Workload workload = new Workload(random, directory, disk);
        workload.run(2, random.nextInt(4));
        PowerLoss loss = new PowerLoss(disk.tape(), random);
        Path again = write(loss.image());
        try (TapedDisk disk2 = new TapedDisk(again)) {
            assertOneOf(workload.possible(loss), which + ", then again " + loss, again, disk2, random);
        }
        delete(again);
    }

    private static void assertOneOf(
            List<List<Object>> possible, String which, Path directory, TapedDisk disk, Random random) {
        try (Journal journal = Workload.open(directory, disk, random)) {
            List<Object> found = Workload.contents(journal);
            assertThat(possible.contains(found)).as(which).isTrue();
        } catch (RuntimeException e) {
            throw new AssertionError(which, e);
        }
    }

    private Path write(Map<String, byte[]> image) throws IOException {
        Path directory = Files.createTempDirectory(root, "image");
        for (Map.Entry<String, byte[]> file : image.entrySet()) {
            Files.write(directory.resolve(file.getKey()), file.getValue());
        }
        return directory;
    }

    private static void delete(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }
}
