package io.stillframe.orchestrator.proof;

import io.stillframe.orchestrator.proof.layout.LogicalVolume;
import io.stillframe.orchestrator.proof.layout.Partition;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Where on a disk something was found.
 *
 * @param partition its number; empty for the disk as a whole
 * @param partitionUuid empty where there is none
 * @param logicalVolume as {@code group/name}; empty where it is none
 * @param mapperName what the guest calls that below {@code /dev/mapper}
 * @param offset of the disk's or partition's beginning, in bytes; of a logical volume that of its physical one
 */
public record Place(
        OptionalInt partition, String partitionUuid, Optional<String> logicalVolume, String mapperName, long offset) {

    static Place wholeDisk() {
        return new Place(OptionalInt.empty(), "", Optional.empty(), "", 0);
    }

    static Place of(Partition partition) {
        return new Place(
                OptionalInt.of(partition.number()), partition.uuid(), Optional.empty(), "", partition.offset());
    }

    Place logicalVolume(LogicalVolume volume) {
        return new Place(
                partition,
                partitionUuid,
                Optional.of(volume.group() + "/" + volume.name()),
                volume.mapperName(),
                offset);
    }

    @Override
    public String toString() {
        String physical = partition.isPresent() ? "partition " + partition.getAsInt() : "the whole disk";
        return logicalVolume.map(name -> "volume " + name + " on " + physical).orElse(physical);
    }
}
