package io.stillframe.orchestrator.proof.check;

import io.stillframe.orchestrator.proof.check.Soundness.Undecided;
import io.stillframe.orchestrator.proof.filesystem.Kind;
import io.stillframe.orchestrator.proof.image.Label;
import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Commands;
import io.stillframe.storage.exec.Commands.Exit;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A filesystem's own checker, told to change nothing. */
public sealed interface DeepCheck permits E2fsck, XfsRepair, BtrfsCheck {
    /** How many lines of a checker's complaints are kept. */
    int MOST_LINES = 5;

    /** The checker of a kind of filesystem; empty where none is known. */
    static Optional<DeepCheck> of(Kind kind) {
        return switch (kind) {
            case EXT2, EXT3, EXT4 -> Optional.of(new E2fsck());
            case XFS -> Optional.of(new XfsRepair());
            case BTRFS -> Optional.of(new BtrfsCheck());
            default -> Optional.empty();
        };
    }

    /**
     * What to run.
     *
     * @param volume absolute: a block device, or a raw file that holds nothing but the filesystem
     */
    List<String> argv(Path volume);

    /** What it means that it ended so. */
    Soundness read(Exit exit);

    /** Runs it on a volume. */
    default Soundness run(Commands commands, Path volume, Duration limit) {
        try {
            return read(commands.run(argv(volume.toAbsolutePath()), limit));
        } catch (CommandException e) {
            return new Undecided(Label.of(e.getMessage()));
        }
    }

    /** The first lines of what was printed, fit to be shown: a guest's file names are among them. */
    static String excerpt(Stream<String> lines) {
        return lines.map(Label::of)
                .filter(line -> !line.isEmpty())
                .limit(MOST_LINES)
                .collect(Collectors.joining("; "));
    }
}
