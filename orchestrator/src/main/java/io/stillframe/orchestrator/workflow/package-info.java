/**
 * Takes a snapshot of a running machine: {@link io.stillframe.orchestrator.workflow.TakeSnapshot} is the five steps on
 * one page, the rest is what they stand on.
 */
package io.stillframe.orchestrator.workflow;
