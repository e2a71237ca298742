package io.stillframe.db;

/**
 * What a job makes of the content that bears a name: once it is done, that content bears another one. What {@code from} is
 * may be no more, or be something else.
 *
 * @param disk the disk's name within the domain
 * @param driver the storage driver's name
 * @param from the name that the content bears when the job begins, as in {@link RunVolume#snapshot} or {@link
 *     RunVolume#active}
 * @param to the name that it bears when the job is done; the same where it does not move
 * @param format the format to read {@code to} with
 */
public record JobChange(String disk, String driver, String from, String to, String format) {}
