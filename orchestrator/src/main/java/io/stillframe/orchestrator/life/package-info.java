/**
 * What one does with a snapshot after it was taken: list, open, clone, revert, delete. Each is a use case of its own.
 * What changes something is a job: planned without touching anything, journaled with all that it will make or move, on the
 * disk, and only then carried out, by calls that go on from what is there. A job whose process ended is therefore carried
 * on by the same code ({@link io.stillframe.orchestrator.life.RecoverJob}). No guest is frozen by any of it.
 */
package io.stillframe.orchestrator.life;
