package io.stillframe.config;

/**
 * What is told of a freeze inside a guest: an application, by a hook of the guest's kit that the host sends, or all that
 * are there.
 */
public enum Hook {
    POSTGRESQL("postgresql"),
    /** MySQL as well. */
    MARIADB("mariadb"),
    /** What the guest has in its own {@code /etc/stillframe/hooks.d}. */
    INSTALLED("installed");

    private final String label;

    Hook(String label) {
        this.label = label;
    }

    /** The word in the file. */
    public String label() {
        return label;
    }
}
