/**
 * The storage driver port: what a snapshot driver is asked, and what it answers. A driver handles all its volumes of one
 * virtual machine at once. Expected outcomes are values ({@link io.stillframe.storage.Outcome}); broken machinery throws.
 * Everything a run will make is named from the run's label before anything is touched, so that every effect can be found
 * again by name after a lost answer.
 */
package io.stillframe.storage;
