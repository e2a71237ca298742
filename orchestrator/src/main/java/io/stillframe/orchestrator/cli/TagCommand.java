package io.stillframe.orchestrator.cli;

import io.stillframe.guest.Domain;
import io.stillframe.guest.Tag;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.Stack;
import java.util.TreeSet;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tag VM [+TAG|-TAG]...}. */
@Command(
        name = "tag",
        description =
                "Show the tags of a machine, by which policies select it, or change them: +prod adds one, -old removes "
                        + "one. They are kept in the machine's own definition.",
        preprocessor = TagCommand.MinusBeforeTag.class)
final class TagCommand extends SiteCommand {
    @Parameters(paramLabel = "VM", description = "name or UUID")
    private String vm;

    @Parameters(paramLabel = "+TAG|-TAG", arity = "0..*", index = "1..*")
    private List<String> added = new ArrayList<>();

    @Option(names = "--remove", paramLabel = "TAG", description = "the same as -TAG")
    private List<String> removed = new ArrayList<>();

    @Spec
    private CommandSpec spec;

    @Override
    Place place() {
        return Place.ANY;
    }

    @Override
    ExitStatus run(Site site, Output output) {
        Set<Tag> plus = tags(added.stream().map(TagCommand::withoutPlus).toList());
        Set<Tag> minus = tags(removed);
        if (plus.stream().anyMatch(minus::contains)) {
            throw wrong();
        }
        try (Domain domain = domain(site, vm)) {
            Set<Tag> tags = plus.isEmpty() && minus.isEmpty() ? domain.tags() : domain.retag(plus, minus);
            List<String> names = tags.stream().map(Tag::name).sorted().toList();
            if (json()) {
                output.json(new PolicyViews.TaggedView(
                        domain.id().name(), domain.id().uuid().toString(), names));
            } else {
                output.line(names.isEmpty() ? "no tags" : String.join(" ", names));
            }
            return ExitStatus.DONE;
        }
    }

    private Set<Tag> tags(List<String> names) {
        Set<Tag> tags = new TreeSet<>();
        for (String name : names) {
            if (!tags.add(Tag.parse(name).orElseThrow(this::wrong))) {
                throw wrong();
            }
        }
        return tags;
    }

    private static String withoutPlus(String change) {
        return change.startsWith("+") ? change.substring(1) : "";
    }

    private CommandLine.ParameterException wrong() {
        return new CommandLine.ParameterException(
                spec.commandLine(), "each tag once, with + before it to add it or - to remove it");
    }

    /** {@code -old} is a tag that goes, and not some options in a row; only {@code -h} and {@code -V} are what they are. */
    static final class MinusBeforeTag implements IParameterPreprocessor {
        @Override
        public boolean preprocess(
                Stack<String> arguments, CommandSpec command, ArgSpec argument, Map<String, Object> info) {
            arguments.replaceAll(of -> of.matches("-[^-hV]|-[^-].+") ? "--remove=" + of.substring(1) : of);
            return false;
        }
    }
}
