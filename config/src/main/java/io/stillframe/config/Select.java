package io.stillframe.config;

import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * Which machines a policy is for: those that one of the names fits or that bear one of the tags, less those that one of
 * the exclusions fits.
 */
public record Select(List<Glob> names, Set<String> tags, List<Glob> exclude) {
    public Select {
        names = List.copyOf(names);
        tags = Set.copyOf(tags);
        exclude = List.copyOf(exclude);
    }

    /** Whether a machine is one of them. */
    public boolean includes(String name, Collection<String> tagged) {
        boolean chosen = fits(names, name) || tagged.stream().anyMatch(tags::contains);
        return chosen && !fits(exclude, name);
    }

    private static boolean fits(List<Glob> globs, String name) {
        return globs.stream().anyMatch(glob -> glob.matches(name));
    }
}
