package io.stillframe.orchestrator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillframe.guest.DomainId;
import io.stillframe.orchestrator.cli.CommandFailed;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TenureTest {
    private static final DomainId DB01 = new DomainId(new UUID(0, 1), "db01");
    private static final DomainId WEB = new DomainId(new UUID(0, 2), "web");

    private final Patience patience =
            new Patience(new SystemTiming(), new PrintStream(OutputStream.nullOutputStream()), () -> false);
    private Tenure tenure;

    @BeforeEach
    void begin(@TempDir Path directory) {
        tenure = Tenure.begin(directory, patience);
    }

    @AfterEach
    void end() {
        tenure.close();
    }

    @Test
    void a_turn_that_was_given_away_is_not_taken_from_the_next_one() {
        Hold merge = tenure.turn("delete", List.of(DB01), patience);
        merge.close();
        Hold snapshot = tenure.turn("snapshot", List.of(WEB), patience);
        merge.close();
        assertThatThrownBy(() -> tenure.turn("revert", List.of(WEB), patience))
                .isInstanceOf(CommandFailed.class)
                .hasMessageContaining("busy with the same machine");
        snapshot.close();
        tenure.turn("revert", List.of(WEB), patience).close();
    }

    @Test
    void a_machine_is_kept_without_a_turn_and_refused_to_others_at_once() {
        Hold turn = tenure.turn("delete", List.of(), patience);
        Hold machine = tenure.machine("delete", DB01, patience);
        turn.close();
        try (Hold other = tenure.turn("snapshot", List.of(DB01, WEB), patience)) {
            tenure.machine("snapshot", WEB, patience).close();
            assertThatThrownBy(() -> tenure.machine("snapshot", DB01, patience))
                    .isInstanceOf(CommandFailed.class)
                    .hasMessageContaining("'stillframe delete'")
                    .hasMessageContaining("busy with the same machine");
            assertThat(other).isNotNull();
        }
        machine.close();
        tenure.machine("snapshot", DB01, patience).close();
    }
}
