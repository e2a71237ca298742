package io.stillframe.db;

/**
 * What a job changes on one volume.
 *
 * @param disk the disk's name within the domain
 * @param driver the storage driver's name
 * @param from what there is before, by the name that {@link RunVolume#snapshot} or {@link RunVolume#active} has for it
 * @param to what there is afterwards: of a CLONE the new volume, of a REVERT what the machine writes to, of a REMOVE where
 *     the content of {@code from} is found; the same as {@code from} where nothing moves
 * @param format the format to read {@code to} with
 */
public record JobChange(String disk, String driver, String from, String to, String format) {}
