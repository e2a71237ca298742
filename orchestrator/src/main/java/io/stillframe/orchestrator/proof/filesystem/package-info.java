/**
 * What a volume holds, and whether that was at rest at the instant of the snapshot: one class for each on-disk format,
 * which knows where its kernel leaves the mark of a freeze. The formats are read as their kernels' sources and their
 * specifications lay them down; each class names its own.
 */
package io.stillframe.orchestrator.proof.filesystem;
