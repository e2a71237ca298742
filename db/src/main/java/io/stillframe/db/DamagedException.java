package io.stillframe.db;

import java.io.IOException;

/** A file is not what was once known to be on the disk. */
final class DamagedException extends IOException {
    DamagedException(String message) {
        super(message);
    }
}
