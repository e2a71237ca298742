package io.stillframe.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/** A machine that {@code clone} made of a lab guest's snapshot, started; removed with its volumes at the end. */
final class ClonedGuest implements AutoCloseable {
    private final InGuest inside;
    private final List<Path> volumes;

    private ClonedGuest(InGuest inside, List<Path> volumes) {
        this.inside = inside;
        this.volumes = volumes;
    }

    /**
     * Starts it and waits until its agent answers.
     *
     * @param cloned what {@code clone --json} said
     */
    static ClonedGuest start(JsonNode cloned) {
        ClonedGuest guest = new ClonedGuest(
                new InGuest(UUID.fromString(cloned.get("uuid").asString())),
                cloned.get("volumes")
                        .valueStream()
                        .map(volume -> Path.of(volume.get("path").asString()))
                        .toList());
        guest.inside.virsh("start");
        Await.until("the clone's agent answers", guest.inside::agentAnswers);
        return guest;
    }

    InGuest inside() {
        return inside;
    }

    @Override
    public void close() {
        inside.virsh("destroy");
        inside.virsh("undefine");
        for (Path volume : volumes) {
            try {
                Files.deleteIfExists(volume);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
