package io.stillframe.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** A configuration file. */
public final class SettingsFile {
    static final int MAX_BYTES = 1024 * 1024;

    private SettingsFile() {}

    /**
     * Reads a file. An empty one means the defaults; a missing one is a problem, for somebody named it. Never throws:
     * whatever is wrong is in the answer, all of it where the file is YAML at all.
     */
    public static Loaded load(Path file) {
        Problems problems = new Problems(file);
        Settings settings = text(file, problems)
                .flatMap(yaml -> YamlTree.read(yaml, problems))
                .map(root -> settings(root, problems))
                .orElse(Settings.DEFAULT);
        return problems.isEmpty() ? new Loaded.Valid(settings) : new Loaded.Invalid(problems.byLine());
    }

    private static Optional<String> text(Path file, Problems problems) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                problems.add(Place.FILE, "too large", "at most " + new ByteSize(MAX_BYTES));
                return Optional.empty();
            }
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (NoSuchFileException e) {
            problems.add(Place.FILE, "no such file", "");
        } catch (CharacterCodingException e) {
            problems.add(Place.FILE, "not text", "UTF-8");
        } catch (IOException e) {
            problems.add(Place.FILE, "cannot be read: " + Problems.quotable(String.valueOf(e.getMessage())), "");
        }
        return Optional.empty();
    }

    private static Settings settings(Node root, Problems problems) {
        if (root instanceof Node.Mapping mapping) {
            Fields fields = new Fields(mapping, problems);
            Settings settings = settings(fields);
            fields.rejectOthers();
            return settings;
        }
        if (!(root instanceof Node.Empty) && !(root instanceof Node.Reported)) {
            problems.add(root.place(), "not a list of settings", "lines like 'freeze-limit: 10s'");
        }
        return Settings.DEFAULT;
    }

    private static Settings settings(Fields fields) {
        Settings otherwise = Settings.DEFAULT;
        return new Settings(
                fields.read("connect", Readers.uri(), otherwise.connect()),
                fields.read("state-dir", Readers.absolutePath(), otherwise.stateDir()),
                fields.read("require", Readers.requirement(), otherwise.require()),
                limits(fields, otherwise.limits()),
                space(fields, otherwise.space()),
                fields.read("on-doubt", Readers.onDoubt(), otherwise.onDoubt()));
    }

    private static Limits limits(Fields fields, Limits otherwise) {
        return new Limits(
                fields.read("freeze-limit", Readers.duration(Limits.FREEZE), otherwise.freeze()),
                fields.read("thaw-limit", Readers.duration(Limits.THAW), otherwise.thaw()),
                fields.read("minimum-free", Readers.byteSize(), otherwise.minimumFree()),
                fields.read("maximum-chain", Readers.integer(Limits.CHAIN), otherwise.maximumChain()));
    }

    private static Space space(Fields fields, Space otherwise) {
        return new Space(
                fields.read("snapshot-size", Readers.amount(), otherwise.snapshotSize()),
                fields.read("pool-warning", Readers.percent(), otherwise.poolWarning()),
                fields.read("pool-limit", Readers.percent(), otherwise.poolLimit()));
    }
}
