package io.stillframe.guest.libvirt;

import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.guest.Printable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What an agent answered, or a part of it. Bounded in size, depth and number of parts before anything is built from it:
 * of an answer of ten megabytes, {@code {},{},{},} would become some hundreds. A field that is missing, there twice, of
 * another type or out of range is a {@link GuestFailure#BAD_REPLY}, never a default.
 */
final class AgentReply {
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(20)
                            .maxStringLength(Bounds.MAX_REPLY)
                            .maxDocumentLength(Bounds.MAX_REPLY)
                            .maxTokenCount(Bounds.MAX_TOKENS)
                            .maxNumberLength(20)
                            .maxNameLength(Bounds.MAX_TEXT)
                            .build())
                    // a table of names that all guests share would be any one guest's to fill
                    .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
                    .build())
            // two answers in one are none
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .build();

    private final JsonNode value;

    private AgentReply(JsonNode value) {
        this.value = value;
    }

    static AgentReply parse(byte[] json) {
        // Jackson checks the length of what it reads in pieces, not of an array it is handed
        if (json.length > Bounds.MAX_REPLY) {
            throw Bounds.badReply(json.length + " bytes", null);
        }
        AgentReply reply = new AgentReply(tree(Bounds.utf8(json)));
        if (reply.value.has("error")) {
            throw new GuestException(
                    GuestFailure.AGENT_COMMAND_FAILED,
                    Printable.of("the agent answered: " + reply.at("error").text("desc")));
        }
        return reply.at("return");
    }

    private static JsonNode tree(String json) {
        try {
            return JSON.readTree(json);
        } catch (JacksonException e) {
            // not as the cause: it quotes the guest as it is, and holds on to the parser with all of the answer
            throw Bounds.badReply(e.getOriginalMessage(), null);
        }
    }

    AgentReply at(String field) {
        JsonNode found = value.isObject() ? value.get(field) : null;
        if (found == null) {
            throw Bounds.badReply("no field '" + field + "'", null);
        }
        return new AgentReply(found);
    }

    private Optional<AgentReply> maybe(String field) {
        return value.isObject() && value.has(field) ? Optional.of(at(field)) : Optional.empty();
    }

    String text() {
        if (!value.isString()) {
            throw wrongType("text");
        }
        return Bounds.text(value.stringValue());
    }

    String text(String field) {
        return at(field).text();
    }

    Optional<String> maybeText(String field) {
        return maybe(field).map(AgentReply::text);
    }

    long number() {
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw wrongType("a whole number");
        }
        return value.longValue();
    }

    /** A number of at least 0 and at most the maximum. */
    long number(String field, long max) {
        long number = at(field).number();
        if (number < 0 || number > max) {
            throw Bounds.badReply("'" + field + "' is " + number, null);
        }
        return number;
    }

    Optional<Long> maybeNumber(String field, long max) {
        return maybe(field).map(found -> number(field, max));
    }

    boolean flag(String field) {
        AgentReply found = at(field);
        if (!found.value.isBoolean()) {
            throw found.wrongType("true or false");
        }
        return found.value.booleanValue();
    }

    List<AgentReply> list(String field) {
        AgentReply found = at(field);
        if (!found.value.isArray()) {
            throw found.wrongType("a list");
        }
        List<AgentReply> entries = new ArrayList<>(Bounds.entries(found.value.size()));
        found.value.forEach(entry -> entries.add(new AgentReply(entry)));
        return entries;
    }

    /**
     * A program's output; empty where there is none. The base64 around it is the agent's and must be right; the bytes
     * within are a program's, in whatever encoding, and what is not UTF-8 is replaced.
     */
    String output(String field) {
        return maybe(field).map(AgentReply::decoded).orElse("");
    }

    private String decoded() {
        if (!value.isString()) {
            throw wrongType("base64");
        }
        try {
            return new String(Base64.getDecoder().decode(value.stringValue()), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw Bounds.badReply("output that is not base64", e);
        }
    }

    private GuestException wrongType(String expected) {
        return Bounds.badReply("a " + value.getNodeType() + " where " + expected + " belongs", null);
    }
}
