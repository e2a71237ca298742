/** The transition table of a run: which state may follow which, as data. */
package io.stillframe.orchestrator.state;
