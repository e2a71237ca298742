/** Where everything is wired: the only place that reads clocks, handles signals and ends the process. */
package io.stillframe.orchestrator.app;
