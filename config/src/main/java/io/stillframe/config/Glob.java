package io.stillframe.config;

import java.util.Objects;

/** A name with {@code *} for any characters, none included, and {@code ?} for any one of them; case matters. */
public record Glob(String pattern) {
    public Glob {
        Objects.requireNonNull(pattern, "pattern");
    }

    /** In time proportional to the product of both lengths at most, whatever the pattern. */
    public boolean matches(String name) {
        int at = 0;
        int in = 0;
        int star = -1;
        int resumed = 0;
        while (in < name.length()) {
            if (at < pattern.length() && pattern.charAt(at) == '*') {
                star = at++;
                resumed = in;
            } else if (at < pattern.length() && (pattern.charAt(at) == '?' || pattern.charAt(at) == name.charAt(in))) {
                at++;
                in++;
            } else if (star >= 0) {
                at = star + 1;
                in = ++resumed;
            } else {
                return false;
            }
        }
        return pattern.substring(at).chars().allMatch(rest -> rest == '*');
    }
}
