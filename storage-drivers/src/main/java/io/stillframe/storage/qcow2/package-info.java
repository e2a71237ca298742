/**
 * Snapshots of file images by an external qcow2 overlay: the active image becomes the snapshot, and the machine goes on
 * in an overlay that was made before the freeze and is handed to QEMU in one transaction for all disks.
 */
package io.stillframe.storage.qcow2;
