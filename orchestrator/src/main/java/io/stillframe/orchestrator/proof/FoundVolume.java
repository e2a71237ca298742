package io.stillframe.orchestrator.proof;

import io.stillframe.orchestrator.proof.filesystem.Content;
import io.stillframe.orchestrator.proof.filesystem.FilesystemState;

/**
 * Something that was found on a disk: a filesystem, or what is in its place.
 *
 * @param size in bytes
 */
public record FoundVolume(Place place, long size, Content content, FilesystemState state) {
    /** One line, for people. */
    @Override
    public String toString() {
        return "%s on %s: %s".formatted(content, place, state);
    }
}
