/**
 * The journal of all runs, and of what is done with their snapshots, in an H2 database under the state directory: the only
 * package that speaks SQL.
 *
 * <p>Crash argument. A commit is in the file before it is answered, and nothing in the file is ever overwritten, so a
 * killed process loses nothing that it was told is committed ({@link io.stillframe.db.Database} has the settings behind
 * that). Only {@link io.stillframe.db.Journal#force} waits for the disk itself; it is called before a guest may be
 * frozen and after it was released, never in between: a power loss in between takes the guest with it, and what was
 * forced before is all that recovery needs. The price is a file that only grows; whoever opens it next copies what is
 * left of it into a new one ({@link io.stillframe.db.Draft}).
 */
package io.stillframe.db;
