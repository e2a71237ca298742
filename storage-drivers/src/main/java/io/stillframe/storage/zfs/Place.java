package io.stillframe.storage.zfs;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where a volume lies: a zvol, or a file in a dataset.
 *
 * @param dataset the zvol or the filesystem: {@code pool/path}
 * @param file the file's path within the filesystem, without a leading slash; empty for a zvol
 */
record Place(String dataset, Optional<String> file) {
    /** ZFS's own rule ({@code zfs_namecheck.c}): a pool begins with a letter, so none of these is taken for an option. */
    private static final Pattern DATASET = Pattern.compile("[A-Za-z][A-Za-z0-9_.: -]*(/[A-Za-z0-9_.: -]+)*");

    Place {
        Objects.requireNonNull(file, "file");
        if (!DATASET.matcher(dataset).matches()) {
            throw new IllegalArgumentException("not the name of a dataset: '%s'".formatted(dataset));
        }
        if (file.isPresent() && !staysInside(file.get())) {
            throw new IllegalArgumentException("not a path within a dataset: '%s'".formatted(file.get()));
        }
    }

    String pool() {
        return poolOf(dataset);
    }

    /** What a dataset beside this zvol is named: in the same parent, or in the pool itself. */
    String beside(String name) {
        int slash = dataset.lastIndexOf('/');
        return (slash < 0 ? dataset : dataset.substring(0, slash)) + "/" + name;
    }

    /** The pool of a dataset or a snapshot. */
    static String poolOf(String name) {
        return name.split("[/@]", 2)[0];
    }

    /** The dataset of a snapshot. */
    static String datasetOf(String snapshot) {
        return snapshot.split("@", 2)[0];
    }

    private static boolean staysInside(String file) {
        List<String> names = List.of(file.split("/", -1));
        return names.stream().noneMatch(name -> name.isEmpty() || name.equals(".") || name.equals(".."));
    }
}
