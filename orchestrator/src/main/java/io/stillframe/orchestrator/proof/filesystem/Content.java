package io.stillframe.orchestrator.proof.filesystem;

/**
 * What a volume holds, by its own word.
 *
 * @param uuid as {@code blkid} prints it; empty where it has none
 * @param label printable; empty where it has none
 */
public record Content(Kind kind, String uuid, String label) {
    static Content of(Kind kind) {
        return new Content(kind, "", "");
    }

    @Override
    public String toString() {
        return kind.label() + (uuid.isEmpty() ? "" : " " + uuid) + (label.isEmpty() ? "" : " '" + label + "'");
    }
}
