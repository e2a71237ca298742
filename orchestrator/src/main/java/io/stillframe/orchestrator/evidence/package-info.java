/**
 * What a snapshot's own disks say of a freeze: they are read by {@link io.stillframe.orchestrator.proof}, and what is found
 * there is held against what the freeze had to hold. The guest told what that is; what lies on its disks is its own word,
 * too, but it cannot say both that a filesystem is frozen and write to it.
 */
package io.stillframe.orchestrator.evidence;
