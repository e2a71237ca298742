/**
 * The journal of all runs, in an H2 database under the state directory: the only package that speaks SQL.
 *
 * <p>Crash argument. H2 writes every commit to the file before it answers ({@code WRITE_DELAY=0}), so a killed process
 * loses nothing it was told is committed. Only {@link io.stillframe.db.Journal#force} waits for the disk itself; it is
 * called before a guest may be frozen and after it was released, never in between: a power loss in between takes the
 * guest with it, and what was forced before is all that recovery needs.
 */
package io.stillframe.db;
