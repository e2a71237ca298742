/** How a disk is divided: partition tables, and logical volumes where their layout is plain. */
package io.stillframe.orchestrator.proof.layout;
