package io.stillframe.storage.qcow2;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Where the overlay of a run lies: beside the image it covers, named after the chain's first image and the run. */
final class OverlayName {
    /** The longest file name of every filesystem we meet, in bytes ({@code NAME_MAX}). */
    private static final int NAME_MAX = 255;

    private static final Pattern OUR_SUFFIX = Pattern.compile("\\.sf-[0-9a-z]{12}\\.qcow2$");
    private static final Pattern IMAGE_SUFFIX = Pattern.compile("\\.(qcow2|img|raw)$");

    private OverlayName() {}

    static Path of(Path image, String label) {
        String name = image.getFileName().toString();
        String stem =
                IMAGE_SUFFIX.matcher(OUR_SUFFIX.matcher(name).replaceFirst("")).replaceFirst("");
        String suffix = "." + label + ".qcow2";
        return image.resolveSibling(shorten(stem, NAME_MAX - suffix.length()) + suffix);
    }

    /** Cuts a text to a length in UTF-8 bytes, at a character's boundary. */
    private static String shorten(String text, int bytes) {
        String cut = text;
        while (cut.getBytes(StandardCharsets.UTF_8).length > bytes) {
            cut = cut.substring(0, cut.offsetByCodePoints(cut.length(), -1));
        }
        return cut;
    }
}
