package io.stillframe.orchestrator.proof.layout;

/**
 * One partition.
 *
 * @param number as the guest's kernel counts: 1 is {@code vda1}
 * @param offset in bytes, as is the length; neither is known to lie within the disk
 * @param uuid of the partition, not of what is in it; empty where the table has none
 */
public record Partition(int number, long offset, long length, String uuid) {}
