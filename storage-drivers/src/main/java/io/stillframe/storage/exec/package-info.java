/**
 * External programs as types: a command knows its argv and how to read its output. The only package that starts
 * processes.
 */
package io.stillframe.storage.exec;
