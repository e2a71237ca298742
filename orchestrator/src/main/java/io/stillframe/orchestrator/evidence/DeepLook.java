package io.stillframe.orchestrator.evidence;

import io.stillframe.db.Evidence;
import io.stillframe.orchestrator.proof.DiskProof;
import io.stillframe.orchestrator.proof.FoundVolume;
import io.stillframe.orchestrator.proof.check.DeepCheck;
import io.stillframe.orchestrator.proof.check.LoopDevice;
import io.stillframe.orchestrator.proof.check.Soundness;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState.Clean;
import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Commands;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Has the filesystems' own checkers read what was found at rest on a disk that is open. They are C programs that parse what a
 * guest has written, as whoever runs this; so they are run only where somebody asks for it, and never to write.
 */
public final class DeepLook {
    private final Commands commands;
    private final Duration limit;

    /** @param limit of each filesystem; a checker that takes longer is killed */
    public DeepLook(Commands commands, Duration limit) {
        this.commands = commands;
        this.limit = limit;
    }

    /** One check for every filesystem that has a checker. */
    public List<Evidence> at(String disk, Path view, DiskProof proof) {
        List<Evidence> evidence = new ArrayList<>();
        try {
            LoopDevice.endAll(commands, view);
        } catch (CommandException e) {
            return List.of(new Evidence("deep", false, "%s: %s".formatted(disk, e.getMessage())));
        }
        for (FoundVolume found : proof.volumes()) {
            Optional<DeepCheck> checker = DeepCheck.of(found.content().kind());
            checker.ifPresent(of -> evidence.add(checked(of, view, new Found(disk, found))));
        }
        return evidence;
    }

    private Evidence checked(DeepCheck checker, Path view, Found found) {
        FoundVolume volume = found.volume();
        String what = "%s on %s, %s: ".formatted(volume.content().kind().label(), found.disk(), volume.place());
        if (!(volume.state() instanceof Clean)) {
            return new Evidence(
                    "deep", true, what + "not checked, for it was not at rest and waits for its own recovery");
        }
        if (volume.place().logicalVolume().isPresent()) {
            return new Evidence("deep", true, what + "not checked, for it may lie in several pieces");
        }
        try (LoopDevice part = LoopDevice.over(commands, view, volume.place().offset(), volume.size())) {
            return judged(what, checker.run(commands, part.device(), limit));
        } catch (CommandException e) {
            return new Evidence("deep", false, what + "not checked: " + e.getMessage());
        }
    }

    private static Evidence judged(String what, Soundness soundness) {
        if (soundness instanceof Soundness.Sound sound) {
            return new Evidence("deep", true, what + "sound; " + sound.detail());
        }
        return soundness instanceof Soundness.Unsound unsound
                ? new Evidence("deep", false, what + "damaged; " + unsound.detail())
                : new Evidence("deep", false, what + "not decided; " + ((Soundness.Undecided) soundness).reason());
    }
}
