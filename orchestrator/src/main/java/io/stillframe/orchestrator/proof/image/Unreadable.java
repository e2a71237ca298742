package io.stillframe.orchestrator.proof.image;

/**
 * What a disk says of itself leads out of bounds, or its reading has reached a limit: an expected end of reading a guest's
 * disk, which the proof turns into "not provable" in one place. Not a fault of the storage.
 */
public final class Unreadable extends RuntimeException {
    public Unreadable(String reason) {
        super(reason, null, false, false); // a mangled disk raises many: no stack traces
    }
}
