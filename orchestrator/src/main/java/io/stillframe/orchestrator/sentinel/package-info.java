/**
 * The sentinel: a small process of its own that releases guests when the process that holds them dies, or forgets them.
 * Killing either process leaves the other; what both knew is in the lease files, for the next process that starts.
 *
 * <p>The crash argument. A guest is frozen only after the sentinel has answered that its lease is on the disk and its
 * connections are open. The sentinel sees the holder's death as the end of its input, which the kernel sends however the
 * holder died, and a holder that hangs by its own clock. If the sentinel dies, the holder sees the end of its answers and
 * lets the guest go. If both die, the switch inside the guest thaws, and the lease file tells the next process.
 */
package io.stillframe.orchestrator.sentinel;
