package io.stillframe.storage.zfs;

import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A run's snapshot of one volume. Written as {@code pool/volume@label} for a zvol and as {@code
 * pool/dataset@label:path/of/image} for a file. Neither a dataset nor a label can hold an {@code @}, and a label has one
 * length, so the first {@code @} and the 15 characters behind it tell the parts apart whatever the path holds.
 *
 * @param label the run's: {@code sf-} and 12 characters of {@code [0-9a-z]}
 */
record SnapshotName(Place place, String label) {
    private static final String LABEL = "sf-[0-9a-z]{12}";
    private static final Pattern FORM = Pattern.compile("([^@]+)@(" + LABEL + ")(?::(.+))?", Pattern.DOTALL);

    SnapshotName {
        Objects.requireNonNull(place, "place");
        if (!label.matches(LABEL)) {
            throw new IllegalArgumentException("not the label of a run: '%s'".formatted(label));
        }
    }

    /** @throws IllegalArgumentException when this is no such name */
    static SnapshotName parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException("not a snapshot of a run: '%s'".formatted(text));
        }
        return new SnapshotName(new Place(form.group(1), Optional.ofNullable(form.group(3))), form.group(2));
    }

    /** The snapshot as ZFS names it: of the whole dataset. */
    String zfs() {
        return place.dataset() + "@" + label;
    }

    @Override
    public String toString() {
        return place.file().map(file -> zfs() + ":" + file).orElseGet(this::zfs);
    }
}
