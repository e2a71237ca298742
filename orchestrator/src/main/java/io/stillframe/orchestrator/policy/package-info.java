/**
 * What a policy means, as pure functions: when it is due, which machines it is for, and which of its snapshots are kept.
 * Nothing here takes or removes a snapshot, and nothing reads a clock.
 */
package io.stillframe.orchestrator.policy;
