package io.stillframe.orchestrator.proof.filesystem;

import io.stillframe.orchestrator.proof.image.DiskImage;
import java.util.Optional;

/** An on-disk format. */
interface Format {
    /** What is there of this format, known by its magic; empty where it is something else. */
    Optional<Filesystem> find(DiskImage volume);

    /** One filesystem of a format. */
    interface Filesystem {
        Content content();

        /**
         * Whether it was at rest.
         *
         * @throws io.stillframe.orchestrator.proof.image.Unreadable when what it says leads out of bounds
         */
        FilesystemState examine();
    }

    /** A filesystem, or something else, of which a disk cannot tell more than that it is there. */
    record Named(Content content, String reason) implements Filesystem {
        @Override
        public FilesystemState examine() {
            return new FilesystemState.Unprovable(reason);
        }
    }
}
