package io.stillframe.storage.conformance;

import org.junit.jupiter.api.Nested;

/** The driver of thin logical volumes, on real ones. */
class LvmThinHostTest {
    @Nested
    class Taking extends TakingSuite {
        @Override
        Backend make() {
            return LvmBackend.thin();
        }
    }

    @Nested
    class Life extends LifeSuite {
        @Override
        Backend make() {
            return LvmBackend.thin();
        }
    }

    @Nested
    class Interruption extends InterruptionSuite {
        @Override
        Backend make() {
            return LvmBackend.thin();
        }
    }
}
