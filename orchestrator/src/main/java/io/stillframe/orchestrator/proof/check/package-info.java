/**
 * The filesystems' own checkers, run on a snapshot without changing it: as commands that know their argv and how to read
 * what they print. They read every inode, so they take minutes where {@link io.stillframe.orchestrator.proof} takes
 * milliseconds, and are run where somebody asks for it.
 */
package io.stillframe.orchestrator.proof.check;
