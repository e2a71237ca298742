/**
 * Snapshots of zvols and of image files on ZFS datasets. A snapshot belongs to a whole dataset and is taken with all others
 * of its pool in one transaction group, so the volumes of a machine in one pool have one instant. Whatever is made here bears
 * a user property that says so; nothing without it is ever destroyed, and never more than one thing by one command.
 */
package io.stillframe.storage.zfs;
