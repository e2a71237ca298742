package io.stillframe.config;

import java.util.List;

/** A piece of a YAML document and where it stands. Scalars are texts: what a text means, its reader decides. */
sealed interface Node {
    Place place();

    /** A single value; quotes are gone, and YAML's own opinion of its type with them. */
    record Scalar(Place place, String text) implements Node {}

    /** Nothing where a value could be: {@code freeze-limit:}. */
    record Empty(Place place) implements Node {}

    record Sequence(Place place, List<Node> items) implements Node {
        public Sequence {
            items = List.copyOf(items);
        }
    }

    record Mapping(Place place, List<Entry> entries) implements Node {
        public Mapping {
            entries = List.copyOf(entries);
        }
    }

    /** Something that is not supported and has been reported: no reader has anything to add. */
    record Reported(Place place) implements Node {}

    /** A key, where it stands, and its value. Keys are unique within a mapping. */
    record Entry(String key, Place place, Node value) {}
}
