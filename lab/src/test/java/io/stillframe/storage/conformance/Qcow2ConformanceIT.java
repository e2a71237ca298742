package io.stillframe.storage.conformance;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/** The driver of image files, on a real QEMU under libvirt. */
class Qcow2ConformanceIT {
    @Nested
    class Taking extends TakingSuite {
        @Override
        Backend make() {
            return Qcow2Backend.running();
        }
    }

    @Nested
    class LifeWhileItRuns extends LifeSuite {
        @Override
        Backend make() {
            return Qcow2Backend.running();
        }
    }

    @Nested
    class LifeWhileItIsOff extends LifeSuite {
        @Override
        Backend make() {
            return Qcow2Backend.off();
        }
    }

    @Nested
    @Tag("long")
    class InterruptionWhileItRuns extends InterruptionSuite {
        @Override
        Backend make() {
            return Qcow2Backend.running();
        }
    }

    @Nested
    @Tag("long")
    class InterruptionWhileItIsOff extends InterruptionSuite {
        @Override
        Backend make() {
            return Qcow2Backend.off();
        }
    }
}
