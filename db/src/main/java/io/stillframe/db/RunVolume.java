package io.stillframe.db;

/**
 * A volume of a run, named before anything is made of it.
 *
 * @param disk the disk's name within the domain
 * @param driver the storage driver's name
 * @param snapshot where the moment is found
 * @param format the format to read {@code snapshot} with
 * @param active what the machine writes to afterwards
 * @param quiesce what the storage needs before the snapshot, in the storage drivers' words
 */
public record RunVolume(String disk, String driver, String snapshot, String format, String active, String quiesce) {}
