package io.stillframe.storage.export;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * One image of a chain.
 *
 * @param format {@code qcow2} or {@code raw}, as somebody trusted says; never guessed from the content, which is a guest's
 */
public record Layer(Path file, String format) {
    /** {@code S_IFMT} and {@code S_IFBLK} of {@code stat(2)}. */
    private static final int FILE_TYPE = 0xf000;

    private static final int BLOCK_DEVICE = 0x6000;

    public Layer {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(format, "format");
    }

    public boolean isQcow2() {
        return format.equals("qcow2");
    }

    /** A logical volume below an overlay, say. */
    public boolean isBlockDevice() {
        try {
            return ((int) Files.getAttribute(file, "unix:mode") & FILE_TYPE) == BLOCK_DEVICE;
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }
}
