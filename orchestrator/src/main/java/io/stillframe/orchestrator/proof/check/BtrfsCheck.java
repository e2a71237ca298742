package io.stillframe.orchestrator.proof.check;

import io.stillframe.orchestrator.proof.check.Soundness.Sound;
import io.stillframe.orchestrator.proof.check.Soundness.Unsound;
import io.stillframe.storage.exec.Commands.Exit;
import java.nio.file.Path;
import java.util.List;

/** {@code btrfs check --readonly}: any status but 0 is damage, or keeps it from being opened (btrfs-check(8)). */
record BtrfsCheck() implements DeepCheck {
    @Override
    public List<String> argv(Path volume) {
        return List.of("btrfs", "check", "--readonly", volume.toString());
    }

    @Override
    public Soundness read(Exit exit) {
        return exit.succeeded()
                ? new Sound(DeepCheck.excerpt(exit.stdout().lines().filter(line -> line.startsWith("found "))))
                : new Unsound(DeepCheck.excerpt(exit.stderr().lines().filter(line -> !line.startsWith("["))));
    }
}
