package io.stillframe.storage.export;

import java.nio.file.Path;
import java.util.Objects;

/**
 * One image of a chain.
 *
 * @param format {@code qcow2} or {@code raw}, as somebody trusted says; never guessed from the content, which is a guest's
 */
public record Layer(Path file, String format) {
    public Layer {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(format, "format");
    }

    public boolean isQcow2() {
        return format.equals("qcow2");
    }
}
