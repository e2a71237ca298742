/**
 * The freeze lease: a guest stays frozen only as long as somebody holds it. What is frozen here is thawed here, on a
 * thread and a connection of its own, by the deadline at the latest, and is believed thawed only when the guest says so.
 */
package io.stillframe.orchestrator.lease;
