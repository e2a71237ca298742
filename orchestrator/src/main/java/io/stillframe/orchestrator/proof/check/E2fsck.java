package io.stillframe.orchestrator.proof.check;

import io.stillframe.orchestrator.proof.check.Soundness.Sound;
import io.stillframe.orchestrator.proof.check.Soundness.Undecided;
import io.stillframe.orchestrator.proof.check.Soundness.Unsound;
import io.stillframe.storage.exec.Commands.Exit;
import java.nio.file.Path;
import java.util.List;

/** {@code e2fsck -n -f}: its status is a sum, of which 4 are errors and everything from 8 on is its own failure (e2fsck(8)). */
record E2fsck() implements DeepCheck {
    private static final int FAILURES = 8 | 16 | 32 | 128;

    @Override
    public List<String> argv(Path volume) {
        return List.of("e2fsck", "-n", "-f", volume.toString());
    }

    @Override
    public Soundness read(Exit exit) {
        if ((exit.status() & FAILURES) != 0) {
            return new Undecided(DeepCheck.excerpt(exit.stderr().lines().skip(1)));
        }
        return exit.succeeded()
                ? new Sound(DeepCheck.excerpt(exit.stdout().lines().filter(line -> line.contains(" files ("))))
                : new Unsound(DeepCheck.excerpt(exit.stdout().lines().filter(line -> !line.startsWith("Pass "))));
    }
}
