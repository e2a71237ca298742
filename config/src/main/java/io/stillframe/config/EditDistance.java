package io.stillframe.config;

/** How many characters must be put in, left out or replaced to make one word of another (Levenshtein). */
final class EditDistance {
    /** No word of ours is longer; what is cut off counts as different anyway. */
    private static final int MAX_LENGTH = 64;

    private EditDistance() {}

    static int between(String a, String b) {
        String left = a.substring(0, Math.min(a.length(), MAX_LENGTH));
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= left.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = previous[j - 1] + (left.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(replaced, Math.min(previous[j], current[j - 1]) + 1);
            }
            previous = current;
        }
        return previous[b.length()] + a.length() - left.length();
    }
}
