package io.stillframe.config;

/**
 * What becomes of a snapshot of which less was proved than was required.
 *
 * @param retry how many times it is discarded and another one taken; 0 to 10
 * @param then what becomes of the last of them if it is no better
 */
public record OnDoubt(int retry, Then then) {
    static final Range<Integer> RETRY = new Range<>(0, 10, String::valueOf);

    public static final OnDoubt DISCARD = new OnDoubt(0, Then.DISCARD);

    public OnDoubt {
        RETRY.require("retry", retry);
    }

    /** The last word. */
    public enum Then {
        /** It is rolled back, as if it had never been taken: there is no snapshot, and its run has failed. */
        DISCARD("discard"),
        /** It is kept as the crash-consistent one that it is, with the reason. */
        KEEP_AS_CRASH("keep-as-crash");

        private final String label;

        Then(String label) {
            this.label = label;
        }

        /** The words in the file. */
        public String label() {
            return label;
        }
    }
}
