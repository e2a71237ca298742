/**
 * Whether a snapshot's disks were at rest, read from the disks themselves. {@link
 * io.stillframe.orchestrator.proof.ExamineDisk} looks for partitions, logical volumes and filesystems and says of each
 * whether it was clean at that instant, by the mark that its kernel leaves when it is frozen. A disk is a guest's, and may
 * hold anything: nothing on it can make the reading crash, run on, or read out of bounds.
 */
package io.stillframe.orchestrator.proof;
