/** Reading and writing raw disks, block devices and files alike: what drivers share beside the commands they run. */
package io.stillframe.storage.block;
