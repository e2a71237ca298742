/**
 * The command line: one class a command, each of which parses, calls, prints and says its exit status. What a command
 * prints on stdout is its result, text or one JSON document; everything else goes to stderr.
 */
package io.stillframe.orchestrator.cli;
