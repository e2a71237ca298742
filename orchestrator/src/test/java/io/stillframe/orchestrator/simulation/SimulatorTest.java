package io.stillframe.orchestrator.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Worlds of which each seed makes another one. {@code -Dstillframe.seed=N} tells the story of one, {@code
 * -Dstillframe.seeds=N} makes more of them or fewer.
 */
class SimulatorTest {
    private static final long SEEDS = Long.getLong("stillframe.seeds", 100_000);

    @TempDir
    private Path directory;

    @Test
    void whatever_happens_no_promise_is_broken() throws Exception {
        Coverage coverage = new Coverage();
        Long one = Long.getLong("stillframe.seed");
        if (one != null) {
            tell(one, coverage);
            return;
        }
        long start = System.nanoTime();
        Optional<Map.Entry<Long, String>> broken = Seeds.firstBroken(SEEDS, directory, coverage, Set.of());
        double seconds = (System.nanoTime() - start) / 1e9;
        broken.ifPresent(of -> fail(
                "seed %d: %s%nagain with -Dstillframe.seed=%d".formatted(of.getKey(), of.getValue(), of.getKey())));
        System.out.printf("simulated %,d seeds in %.0f s%n", SEEDS, seconds);
        assertThat(coverage.missing())
                .as(() -> "never happened; what did:\n" + coverage.text())
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Safeguard.class)
    void without_any_one_safeguard_a_promise_is_broken(Safeguard safeguard) throws Exception {
        assertThat(Seeds.firstBroken(SEEDS, directory, new Coverage(), Set.of(safeguard)))
                .isPresent();
    }

    private void tell(long seed, Coverage coverage) {
        Images images = Images.in(directory);
        World world = new World(seed, images, coverage, Set.of());
        Optional<String> broken = world.run();
        images.remove();
        System.out.println(world.story());
        broken.ifPresent(what -> fail("seed " + seed + ": " + what));
    }
}
