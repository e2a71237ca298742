/**
 * Tests on real virtual machines. A writer in each guest leaves one numbered record a millisecond on every disk, so that
 * a test can say which records a snapshot must hold, and reports when a disk stood still and that it goes on.
 */
package io.stillframe.lab;
