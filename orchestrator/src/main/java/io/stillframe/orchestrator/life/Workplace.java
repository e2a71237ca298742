package io.stillframe.orchestrator.life;

import io.stillframe.db.Journal;
import io.stillframe.orchestrator.workflow.Machines;
import java.time.Clock;

/** What the use cases work with; the clock gives the journal's times. */
public record Workplace(Journal journal, Machines machines, Clock clock, Pace pace) {}
