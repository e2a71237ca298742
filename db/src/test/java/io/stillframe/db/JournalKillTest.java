package io.stillframe.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JournalKillTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 100, 1000})
    void what_was_acknowledged_survives_kill_9(int acknowledgements, @TempDir Path directory) throws Exception {
        List<Long> acknowledged = new ArrayList<>();
        try (JournalChild child = JournalChild.start(directory)) {
            acknowledged.addAll(child.acknowledged(acknowledgements));
            acknowledged.addAll(child.kill());
        }
        long last = acknowledged.get(acknowledged.size() - 1);
        assertThat(acknowledged).hasSize(Math.toIntExact(last) + 1);
        try (Journal journal = Journal.open(directory)) {
            Run run = journal.read(queries -> queries.runsLike(JournalChild.RUN.value()))
                    .get(0);
            int transitions = journal.read(queries -> queries.transitions(JournalChild.RUN))
                    .size();
            // one more may have been written whose acknowledgement was not
            assertThat(run.version()).isBetween(last, last + 1);
            assertThat(transitions).isEqualTo(Math.toIntExact(run.version()) + 1);
        }
    }
}
