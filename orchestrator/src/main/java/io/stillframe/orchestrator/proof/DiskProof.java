package io.stillframe.orchestrator.proof;

import java.time.Duration;
import java.util.List;

/**
 * What one disk proves.
 *
 * @param volumes everything that was found on it, in the disk's order
 * @param remarks what is wrong with its tables
 * @param bytesRead what it cost, as do the others
 */
public record DiskProof(List<FoundVolume> volumes, List<String> remarks, long bytesRead, int reads, Duration took) {
    public DiskProof {
        volumes = List.copyOf(volumes);
        remarks = List.copyOf(remarks);
    }
}
