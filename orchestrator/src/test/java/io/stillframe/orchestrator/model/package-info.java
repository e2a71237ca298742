/**
 * A model of one run, its guest and everybody around them, small enough that every situation they can come into is
 * visited. The run goes by production's own tables; what its processes do beside them is restated in {@link
 * io.stillframe.orchestrator.model.RunMoves} and {@link
 * io.stillframe.orchestrator.model.Surroundings}, each decision, effect and journal entry a move of its own, so that anything
 * may happen between any two of them.
 */
package io.stillframe.orchestrator.model;
