package io.stillframe.storage.qcow2;

import io.stillframe.storage.export.Layer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where the overlay of a run lies: beside the image it covers, named after the chain's first image and the run. */
final class OverlayName {
    /** The longest file name of every filesystem we meet, in bytes ({@code NAME_MAX}). */
    private static final int NAME_MAX = 255;

    private static final Pattern OUR_SUFFIX = Pattern.compile("\\.(sf-[0-9a-z]{12})\\.qcow2$");
    private static final Pattern IMAGE_SUFFIX = Pattern.compile("\\.(qcow2|img|raw)$");

    private OverlayName() {}

    /** One for each image. Where {@code a.img} and {@code a.qcow2} would meet in one name they keep their endings. */
    static List<Path> all(List<Path> images, String label) {
        List<Path> overlays = images.stream().map(image -> of(image, label)).toList();
        return Set.copyOf(overlays).size() == overlays.size()
                ? overlays
                : images.stream().map(image -> named(image, stem(image), label)).toList();
    }

    /**
     * For one image alone. What is there of another disk's, of whose chain the name would be the same, keeps the two apart
     * as in {@link #all}.
     */
    static Path beside(Path image, String label, Collection<Path> neighbours) {
        Path overlay = of(image, label);
        boolean met = neighbours.stream()
                .filter(other -> !isOurs(other))
                .anyMatch(other ->
                        of(other, label).equals(overlay) && !stem(other).equals(stem(image)));
        return met ? named(image, stem(image), label) : overlay;
    }

    /** A copy is named like an overlay, with the ending of its format. */
    static Path copy(Layer image, String label, Collection<Path> neighbours) {
        Path name = beside(image.file(), label, neighbours);
        String file = name.getFileName().toString();
        return image.isQcow2()
                ? name
                : name.resolveSibling(file.substring(0, file.length() - ".qcow2".length()) + "." + image.format());
    }

    /** Whether a file bears a name that only an overlay of ours is given, or a copy of ours that is qcow2, too. */
    static boolean isOurs(Path file) {
        return label(file).isPresent();
    }

    /** The label in the name of a file of ours. */
    static Optional<String> label(Path file) {
        Matcher suffix = OUR_SUFFIX.matcher(file.getFileName().toString());
        return suffix.find() ? Optional.of(suffix.group(1)) : Optional.empty();
    }

    static Path of(Path image, String label) {
        return named(image, IMAGE_SUFFIX.matcher(stem(image)).replaceFirst(""), label);
    }

    private static String stem(Path image) {
        return OUR_SUFFIX.matcher(image.getFileName().toString()).replaceFirst("");
    }

    private static Path named(Path image, String stem, String label) {
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
