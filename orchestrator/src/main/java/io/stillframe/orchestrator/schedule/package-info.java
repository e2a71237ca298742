/**
 * Policies run when they are due. Quartz keeps when each begins next, in a database that survives a restart, and lets one
 * run after the other; when that is, {@link io.stillframe.orchestrator.policy.DueTimes} says.
 */
package io.stillframe.orchestrator.schedule;
