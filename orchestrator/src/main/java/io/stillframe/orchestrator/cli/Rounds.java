package io.stillframe.orchestrator.cli;

import io.stillframe.config.Settings;
import io.stillframe.db.Journal;
import io.stillframe.db.Run;
import io.stillframe.guest.DomainId;
import io.stillframe.orchestrator.life.Meters;
import io.stillframe.orchestrator.recovery.Finding;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What could not be put right is seen to again every minute, in a turn of its own: guests whose leases are open, those
 * included for which nobody goes on, and runs that are not final. As long as there is nothing of that kind nothing is
 * opened and nobody asked. A guest that is frozen and that nobody claims is not looked for: somebody else may want it so.
 */
final class Rounds implements AutoCloseable {
    private static final Duration BETWEEN = Duration.ofMinutes(1);

    private final Site site;
    private final Supplier<Settings> settings;
    private final Output output;
    private final Recurring rounds;
    private final Set<Finding> told = new HashSet<>();

    /** @param settings those in force when a round begins */
    Rounds(Site site, Supplier<Settings> settings, Output output) {
        this.site = site;
        this.settings = settings;
        this.output = output;
        this.rounds = new Recurring(site.timing(), "rounds", BETWEEN, BETWEEN, this::round);
    }

    /** Tells what was found, where it was not found the last time. */
    synchronized void tell(List<Finding> findings) {
        findings.stream().filter(finding -> !told.contains(gist(finding))).forEach(output::note);
        told.clear();
        findings.stream().map(Rounds::gist).forEach(told::add);
    }

    /** What was told before is as it was, as far as is known. */
    private synchronized void failed(RuntimeException failure) {
        Finding finding = Finding.ofJournal(
                Finding.Status.SKIPPED, "what is not put right could not be seen to: " + failure.getMessage());
        if (told.add(gist(finding))) {
            output.note(finding);
        }
    }

    /** Begins a round where one is due; returns at once, for a release may go on trying for a while. */
    void pass() {
        rounds.pass();
    }

    private void round() {
        try {
            tell(site.isUnsettled() ? putRight() : List.of());
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    /** Who is waited for is told to nobody: it would be told every minute. */
    private List<Finding> putRight() {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        try (Site work = site.anew(settings.get(), new Unattended(nowhere, site.interrupted()))) {
            work.hold("reconcile", List.of());
            // what it was about may have been the work of somebody who has ended since
            if (!work.isUnsettled()) {
                return List.of();
            }
            List<Finding> findings =
                    new ArrayList<>(work.heldGuests().release(any -> false, vm -> work.hold("reconcile", List.of(vm))));
            Journal journal = work.journal();
            List<DomainId> machines =
                    journal.unfinished().stream().map(Rounds::machine).toList();
            findings.addAll(ReconcileCommand.settle(work, journal, machines, Meters.NONE));
            findings.removeAll(work.heldGuests().outdated());
            return findings;
        }
    }

    private static DomainId machine(Run run) {
        return new DomainId(run.vm(), run.vmName());
    }

    /** The same again may have taken another time, or another number of attempts. */
    private static Finding gist(Finding finding) {
        return new Finding(
                finding.status(),
                finding.vm(),
                finding.run(),
                finding.job(),
                finding.detail().replaceAll("\\d+", ""));
    }

    /** Begins no other round, and returns when the one that goes on has ended. */
    @Override
    public void close() {
        rounds.close();
    }
}
