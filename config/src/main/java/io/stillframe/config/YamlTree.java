package io.stillframe.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/**
 * Builds a tree from YAML's tokens, and knows where every piece of it stands, which a data binding forgets. Aliases are
 * refused, so that a document cannot be larger in memory than it is on disk ("billion laughs").
 */
final class YamlTree {
    private static final int MAX_DEPTH = 16;

    private final YAMLParser parser;
    private final Problems problems;

    private YamlTree(YAMLParser parser, Problems problems) {
        this.parser = parser;
        this.problems = problems;
    }

    /** Empty when there is no document, or none that can be read: then the reason is among the problems. */
    static Optional<Node> read(String yaml, Problems problems) {
        try (YAMLParser parser = (YAMLParser) new YAMLFactory().createParser(ObjectReadContext.empty(), yaml)) {
            return new YamlTree(parser, problems).document();
        } catch (JacksonException e) {
            String reason = reason(e);
            problems.add(
                    placeOf(e),
                    "not YAML: " + Problems.quotable(reason),
                    reason.contains("'@'") ? "quotes around what begins with @" : "");
            return Optional.empty();
        } catch (TooDeep e) {
            problems.add(e.place, "nested too deeply", "at most " + MAX_DEPTH + " levels");
            return Optional.empty();
        }
    }

    private Optional<Node> document() {
        if (parser.nextToken() == null) {
            return Optional.empty();
        }
        Node root = node("", 0);
        if (parser.nextToken() != null) {
            problems.add(here(""), "a second document begins here", "only one");
        }
        return Optional.of(root);
    }

    private Node node(String path, int depth) {
        Place place = here(path);
        if (parser.isCurrentAlias()) {
            problems.add(place, "aliases are not supported", "the value itself, in quotes where it begins with *");
            return new Node.Reported(place);
        }
        if (parser.currentToken().isStructStart() && depth == MAX_DEPTH) {
            throw new TooDeep(place);
        }
        return switch (parser.currentToken()) {
            case START_OBJECT -> mapping(place, depth);
            case START_ARRAY -> sequence(place, depth);
            case VALUE_NULL -> new Node.Empty(place);
            default -> new Node.Scalar(place, parser.getString());
        };
    }

    private Node mapping(Place place, int depth) {
        Map<String, Node.Entry> entries = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            Place at = here(place.pathOf(key));
            parser.nextToken();
            Node value = node(at.path(), depth + 1);
            Node.Entry earlier = entries.putIfAbsent(key, new Node.Entry(key, at, value));
            if (earlier != null) {
                problems.add(at, "given again; it is in line " + earlier.place().line() + " already", "it once");
            }
        }
        return new Node.Mapping(place, List.copyOf(entries.values()));
    }

    private Node sequence(Place place, int depth) {
        List<Node> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(node(place.pathOf(items.size()), depth + 1));
        }
        return new Node.Sequence(place, items);
    }

    private Place here(String path) {
        TokenStreamLocation location = parser.currentTokenLocation();
        return new Place(location.getLineNr(), location.getColumnNr(), path);
    }

    /** Jackson's place is that of the last good token; the engine below it knows that of the bad one. */
    private static Place placeOf(JacksonException e) {
        if (e.getCause() instanceof MarkedYamlEngineException marked) {
            Optional<Mark> mark = marked.getProblemMark();
            if (mark.isPresent()) {
                return new Place(mark.get().getLine() + 1, mark.get().getColumn() + 1, "");
            }
        }
        TokenStreamLocation location = e.getLocation();
        return location == null ? Place.FILE : new Place(location.getLineNr(), location.getColumnNr(), "");
    }

    private static String reason(JacksonException e) {
        return e.getCause() instanceof MarkedYamlEngineException marked && marked.getProblem() != null
                ? marked.getProblem()
                : e.getOriginalMessage();
    }

    /** Leaves a document that goes deeper than anything we read: there is no telling how deep it goes. */
    private static final class TooDeep extends RuntimeException {
        private final transient Place place;

        TooDeep(Place place) {
            this.place = place;
        }
    }
}
