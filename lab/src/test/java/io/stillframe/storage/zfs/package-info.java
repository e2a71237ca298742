/** ZFS itself, where it does more or other things than the suite that all drivers pass asks for. */
package io.stillframe.storage.zfs;
