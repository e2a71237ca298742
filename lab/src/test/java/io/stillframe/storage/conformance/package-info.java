/**
 * What every driver must do on its real storage. A driver plugs in with a {@link
 * io.stillframe.storage.conformance.Backend}; its {@code *HostTest} runs the three suites inside the host VM.
 */
package io.stillframe.storage.conformance;
