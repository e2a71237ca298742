/**
 * A seeded world in which production's workflow, sentinel and recovery run against pretended machines, in virtual time
 * and under random faults.
 *
 * <p>What the world takes for granted, as the crash argument does: a process that is killed has no effect from then on,
 * save for calls that libvirt has taken already, which may have theirs within {@link
 * io.stillframe.orchestrator.simulation.Libvirt#AFTERWARDS}; an agent executes its commands in the order in which they
 * reach it; what the journal has acknowledged survives a kill.
 */
package io.stillframe.orchestrator.simulation;
