/**
 * The load benchmark, run by {@code lab/bench/month}: a simulated host of thousands of machines under hourly policies. The
 * machines, their storage and the sentinel are pretended and cost nothing; everything between the configuration and the
 * disk that the journal lies on is the program.
 */
package io.stillframe.orchestrator.load;
