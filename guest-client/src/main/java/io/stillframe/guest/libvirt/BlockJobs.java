package io.stillframe.guest.libvirt;

import io.stillframe.guest.BlockJob;
import java.util.Optional;
import org.libvirt.DomainBlockJobInfo;

/** libvirt's {@code virDomainBlockJobInfo} in our words. */
final class BlockJobs {
    /** What libvirt leaves in the type when the disk has no job. */
    private static final int NONE = 0;

    private BlockJobs() {}

    static Optional<BlockJob> read(DomainBlockJobInfo info) {
        return info.type == NONE ? Optional.empty() : Optional.of(new BlockJob(kind(info.type), info.cur, info.end));
    }

    /**
     * The same job, one unit from its end. All bytes are copied a moment before libvirt takes note, and until then it
     * refuses to pivot.
     */
    static BlockJob almost(BlockJob job) {
        return new BlockJob(job.kind(), job.total() - 1, job.total());
    }

    /** {@code virDomainBlockJobType}. */
    private static BlockJob.Kind kind(int type) {
        return switch (type) {
            case 1 -> BlockJob.Kind.PULL;
            case 2 -> BlockJob.Kind.COPY;
            case 3 -> BlockJob.Kind.COMMIT;
            case 4 -> BlockJob.Kind.ACTIVE_COMMIT;
            case 5 -> BlockJob.Kind.BACKUP;
            default -> BlockJob.Kind.OTHER;
        };
    }
}
