package io.stillframe.storage;

/** Is told how far work has come. */
@FunctionalInterface
public interface Meter {
    Meter NONE = (done, total) -> {};

    /**
     * So much is done.
     *
     * @param done bytes, or any unit that {@code total} is in; may go back when work is begun anew
     * @param total what there is to do as far as is known, at least {@code done}; may grow
     */
    void at(long done, long total);
}
