package io.stillframe.config;

/**
 * What happens when less was proved of a snapshot than was required. It is discarded first in any case.
 *
 * @param retry how many times another one is taken; 0 to 10
 * @param then what happens when the last of them is no better
 */
public record OnDoubt(int retry, Then then) {
    static final Range<Integer> RETRY = new Range<>(0, 10, String::valueOf);

    public static final OnDoubt DISCARD = new OnDoubt(0, Then.DISCARD);

    public OnDoubt {
        RETRY.require("retry", retry);
    }

    /** The last word. */
    public enum Then {
        /** There is no snapshot, and the run of the policy has failed for this machine. */
        DISCARD("discard"),
        /** One more is taken, and kept as what it proves to be, if that is no more than crash-consistent. */
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
