package io.stillframe.config;

/** Whether the machines of a policy are taken at one instant. */
public enum Grouping {
    /** One after the other. */
    NONE("false"),
    /** Together, or none of them. */
    ALL_OR_NOTHING("true"),
    /** Together; where one fails the others' snapshots are kept, each by itself. */
    KEEP_OTHERS("keep-others");

    private final String label;

    Grouping(String label) {
        this.label = label;
    }

    /** As it is written in the configuration. */
    public String label() {
        return label;
    }
}
