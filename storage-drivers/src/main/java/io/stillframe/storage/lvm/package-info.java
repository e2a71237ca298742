/**
 * Snapshots of logical volumes, thick and thin. What makes a volume ours is written on the volume itself, as tags: nothing
 * without them is ever removed. LVM takes one volume's snapshot at a time, so the machine is paused around several. A
 * command of LVM that dies can leave volumes suspended, which holds back every write of the guest: whoever looks after an
 * interrupted one has them resumed first.
 */
package io.stillframe.storage.lvm;
