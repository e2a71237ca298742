package io.stillframe.orchestrator.api;

/** One value that is given with a request. */
public record Parameter(String name, In in, Kind kind, boolean required, String description) {
    /** Where it stands. */
    public enum In {
        PATH,
        QUERY,
        BODY
    }

    /** What it is. */
    public enum Kind {
        TEXT("a text"),
        TEXTS("a list of texts"),
        FLAG("true or false"),
        NUMBER("a whole number");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    public static Parameter inPath(String name, String description) {
        return new Parameter(name, In.PATH, Kind.TEXT, true, description);
    }

    public static Parameter inQuery(String name, Kind kind, String description) {
        return new Parameter(name, In.QUERY, kind, false, description);
    }

    public static Parameter inBody(String name, Kind kind, String description) {
        return new Parameter(name, In.BODY, kind, false, description);
    }

    public Parameter demanded() {
        return new Parameter(name, in, kind, true, description);
    }
}
