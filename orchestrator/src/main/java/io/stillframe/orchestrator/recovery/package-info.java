/**
 * Putting right what a crash left: first the guests, by their leases and before any database is opened, then the runs,
 * by what the journal, libvirt and the storage say together.
 *
 * <p>The crash argument. Recovery may itself be interrupted at any moment: a lease file goes only when its guest is known
 * to be free and its run has its end in the journal, a run keeps its state until what the next one says is true, and
 * every effect is found again by its name. So whoever comes next meets one of the situations that this one met.
 */
package io.stillframe.orchestrator.recovery;
