package io.stillframe.storage.conformance;

import org.junit.jupiter.api.Nested;

/** The driver of ZFS, on image files on a real pool. */
class ZfsFileHostTest {
    @Nested
    class Taking extends TakingSuite {
        @Override
        Backend make() {
            return ZfsBackend.imageFiles();
        }
    }

    @Nested
    class Life extends LifeSuite {
        @Override
        Backend make() {
            return ZfsBackend.imageFiles();
        }
    }

    @Nested
    class Interruption extends InterruptionSuite {
        @Override
        Backend make() {
            return ZfsBackend.imageFiles();
        }
    }
}
