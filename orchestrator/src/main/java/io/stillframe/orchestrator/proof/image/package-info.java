/**
 * The bytes of a guest's disk, read so that nothing on it can do harm: every read is within bounds, and the number of
 * bytes and the time are limited and counted.
 */
package io.stillframe.orchestrator.proof.image;
