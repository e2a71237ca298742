package io.stillframe.storage.conformance;

import org.junit.jupiter.api.Nested;

/** The driver of ZFS, on real zvols. */
class ZvolHostTest {
    @Nested
    class Taking extends TakingSuite {
        @Override
        Backend make() {
            return ZfsBackend.zvols();
        }
    }

    @Nested
    class Life extends LifeSuite {
        @Override
        Backend make() {
            return ZfsBackend.zvols();
        }
    }

    @Nested
    class Interruption extends InterruptionSuite {
        @Override
        Backend make() {
            return ZfsBackend.zvols();
        }
    }
}
