/** What systemd is told of a service (sd_notify(3)): a datagram to its socket, which Java 17 cannot send by itself. */
package io.stillframe.orchestrator.systemd;
