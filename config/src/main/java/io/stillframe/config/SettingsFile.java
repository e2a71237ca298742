package io.stillframe.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** A configuration file. */
public final class SettingsFile {
    /** A longer one is refused. */
    public static final int MAX_BYTES = 1024 * 1024;

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

    /** All that can be set: what an empty file would be asked for. */
    static Map<String, Object> schema() {
        return Fields.schemaOf(SettingsFile::settings);
    }

    private static Settings settings(Fields fields) {
        Settings otherwise = Settings.DEFAULT;
        String connect = fields.read("connect", "libvirt's URI", Readers.uri(), otherwise.connect());
        Path stateDir =
                fields.read("state-dir", "where journal and leases live", Readers.absolutePath(), otherwise.stateDir());
        Requirement require = fields.read(
                "require", "the least that will do for a running machine", Readers.requirement(), otherwise.require());
        OnDoubt onDoubt = fields.read(
                "on-doubt",
                "what becomes of a snapshot of which less was proved than is required",
                Readers.onDoubt(otherwise.onDoubt()),
                otherwise.onDoubt());
        Hooks hooks = Readers.hooks(fields, otherwise.hooks());
        Limits limits = limits(fields, otherwise.limits());
        Space space = space(fields, otherwise.space());
        Duration history = fields.read(
                "history",
                "how long the record of a run is kept after its end, unless something needs it",
                Readers.duration(Settings.HISTORY),
                otherwise.history());
        Demands standard = new Demands(require, onDoubt, limits.freeze(), hooks);
        Map<String, Policy> policies = fields.read(
                "policies",
                "snapshots that are taken and removed without anybody asking, by name",
                PolicyReaders.policies(standard),
                otherwise.policies());
        return new Settings(connect, stateDir, require, onDoubt, hooks, limits, space, history, policies);
    }

    private static Limits limits(Fields fields, Limits otherwise) {
        return new Limits(
                fields.read(
                        "freeze-limit",
                        "the longest that a guest may be frozen",
                        Readers.duration(Limits.FREEZE),
                        otherwise.freeze()),
                fields.read(
                        "thaw-limit",
                        "how long a release goes on trying before it is called overdue",
                        Readers.duration(Limits.THAW),
                        otherwise.thaw()),
                fields.read(
                        "minimum-free",
                        "what must be free where an overlay is put",
                        Readers.byteSize(),
                        otherwise.minimumFree()),
                fields.read(
                        "maximum-chain",
                        "images a chain may have",
                        Readers.integer(Limits.CHAIN),
                        otherwise.maximumChain()),
                new Caps(
                        fields.read(
                                "runs-at-once",
                                "machines of a policy that have their turn at once",
                                Readers.integer(Caps.RANGE),
                                otherwise.atOnce().host()),
                        fields.read(
                                "runs-at-once-per-pool",
                                "of these, those with disks in the same storage pool",
                                Readers.integer(Caps.RANGE),
                                otherwise.atOnce().pool())));
    }

    private static Space space(Fields fields, Space otherwise) {
        return new Space(
                fields.read(
                        "snapshot-size",
                        "what is set aside for a snapshot with a space of its own, of its volume or in bytes",
                        Readers.amount(),
                        otherwise.snapshotSize()),
                fields.read(
                        "pool-warning",
                        "how full a pool, or such a snapshot, may be before that is told",
                        Readers.percent(),
                        otherwise.poolWarning()),
                fields.read(
                        "pool-limit",
                        "how full a pool may be for another snapshot to be taken",
                        Readers.percent(),
                        otherwise.poolLimit()));
    }
}
