package io.stillframe.config;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LimitsTest {
    private static final Duration FREEZE = Limits.DEFAULT.freeze();
    private static final Duration THAW = Limits.DEFAULT.thaw();
    private static final ByteSize FREE = Limits.DEFAULT.minimumFree();

    @Test
    void the_ranges_hold_for_values_that_come_from_no_file_too() {
        assertThatThrownBy(() -> new Limits(Duration.ofMillis(999), THAW, FREE, 50, Caps.DEFAULT))
                .hasMessage("freeze is 999ms, not 1s to 5m");
        assertThatThrownBy(() -> new Limits(FREEZE, Duration.ofSeconds(3601), FREE, 50, Caps.DEFAULT))
                .hasMessage("thaw is 3601s, not 5s to 1h");
        assertThatThrownBy(() -> new Limits(FREEZE, THAW, FREE, 0, Caps.DEFAULT))
                .hasMessage("maximumChain is 0, not 1 to 190");
        assertThatThrownBy(() -> new Caps(0, 1)).hasMessage("host is 0, not 1 to 100");
        assertThatThrownBy(() -> new Caps(1, 101)).hasMessage("pool is 101, not 1 to 100");
    }
}
