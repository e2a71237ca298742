package io.stillframe.storage.conformance;

import org.junit.jupiter.api.Nested;

/** The driver of thick logical volumes, on real ones. */
class LvmThickHostTest {
    @Nested
    class Taking extends TakingSuite {
        @Override
        Backend make() {
            return LvmBackend.thick();
        }
    }

    @Nested
    class Life extends LifeSuite {
        @Override
        Backend make() {
            return LvmBackend.thick();
        }
    }

    @Nested
    class Interruption extends InterruptionSuite {
        @Override
        Backend make() {
            return LvmBackend.thick();
        }
    }
}
