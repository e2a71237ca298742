package io.stillframe.orchestrator.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillframe.config.Caps;
import io.stillframe.orchestrator.lease.VirtualTiming;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class TurnsAtOnceTest {
    private final Map<String, Integer> now = new HashMap<>();
    private final Map<String, Integer> most = new HashMap<>();

    @ParameterizedTest
    @CsvSource({"1, 1", "4, 1", "4, 2", "8, 100", "100, 3"})
    void no_more_are_at_work_than_the_caps_allow_and_each_has_its_turn_once(int host, int pool) {
        Random random = new Random(host * 31L + pool);
        List<TurnsAtOnce.Turn<Integer>> turns = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            int number = i;
            Set<String> pools = Set.of("pool " + random.nextInt(3), "pool " + (3 + random.nextInt(3)));
            turns.add(new TurnsAtOnce.Turn<>(pools, () -> {
                count(pools, 1);
                Thread.onSpinWait();
                count(pools, -1);
                return number;
            }));
        }
        assertThat(atOnce(host, pool).of(turns))
                .containsExactlyElementsOf(IntStream.range(0, 200).boxed().toList());
        assertThat(most.get("host")).isLessThanOrEqualTo(host);
        assertThat(most)
                .allSatisfy((of, reached) ->
                        assertThat(reached).isLessThanOrEqualTo(of.equals("host") ? host : Math.min(host, pool)));
    }

    @Test
    void so_many_are_really_at_work_at_once() {
        CountDownLatch all = new CountDownLatch(3);
        TurnsAtOnce.Turn<Boolean> turn = new TurnsAtOnce.Turn<>(Set.of(), () -> {
            all.countDown();
            try {
                return all.await(60, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(atOnce(3, 1).of(List.of(turn, turn, turn))).containsOnly(true);
    }

    @Test
    void one_that_waits_for_its_pool_lets_others_pass() {
        CountDownLatch passed = new CountDownLatch(1);
        TurnsAtOnce.Turn<String> first = new TurnsAtOnce.Turn<>(Set.of("a"), () -> {
            try {
                return passed.await(60, TimeUnit.SECONDS) ? "first" : "alone";
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        TurnsAtOnce.Turn<String> waits = new TurnsAtOnce.Turn<>(Set.of("a"), () -> "waited");
        TurnsAtOnce.Turn<String> other = new TurnsAtOnce.Turn<>(Set.of("b"), () -> {
            passed.countDown();
            return "passed";
        });
        assertThat(atOnce(2, 1).of(List.of(first, waits, other))).containsExactly("first", "waited", "passed");
    }

    @Test
    void one_that_breaks_is_told_when_all_have_had_their_turn() {
        List<Integer> had = new ArrayList<>();
        List<TurnsAtOnce.Turn<Integer>> turns = IntStream.range(0, 5)
                .mapToObj(i -> new TurnsAtOnce.Turn<>(Set.of("a"), () -> {
                    had.add(i);
                    if (i == 1) {
                        throw new IllegalStateException("it broke");
                    }
                    return i;
                }))
                .toList();
        assertThatThrownBy(() -> atOnce(2, 1).of(turns)).hasMessage("it broke");
        assertThat(had).containsExactly(0, 1, 2, 3, 4);
    }

    private TurnsAtOnce atOnce(int host, int pool) {
        return new TurnsAtOnce(new Caps(host, pool), new VirtualTiming());
    }

    private synchronized void count(Set<String> pools, int by) {
        List<String> all = new ArrayList<>(pools);
        all.add("host");
        for (String of : all) {
            most.merge(of, now.merge(of, by, Integer::sum), Math::max);
        }
    }
}
