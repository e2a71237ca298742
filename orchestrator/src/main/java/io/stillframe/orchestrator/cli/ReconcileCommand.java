package io.stillframe.orchestrator.cli;

import io.stillframe.db.Job;
import io.stillframe.db.Journal;
import io.stillframe.db.Run;
import io.stillframe.db.RunState;
import io.stillframe.guest.DomainId;
import io.stillframe.orchestrator.lease.Rescue;
import io.stillframe.orchestrator.life.AbandonJob;
import io.stillframe.orchestrator.life.JobWords;
import io.stillframe.orchestrator.life.Meters;
import io.stillframe.orchestrator.life.Pace;
import io.stillframe.orchestrator.life.RecoverJob;
import io.stillframe.orchestrator.recovery.AbandonRun;
import io.stillframe.orchestrator.recovery.Finding;
import io.stillframe.orchestrator.recovery.Finding.Status;
import io.stillframe.orchestrator.recovery.FrozenGuests;
import io.stillframe.orchestrator.recovery.Reconcile;
import io.stillframe.orchestrator.recovery.RecoverJobs;
import io.stillframe.orchestrator.workflow.ErrorCode;
import io.stillframe.orchestrator.workflow.RecoverRun;
import io.stillframe.storage.exec.CommandException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code reconcile}. */
@Command(
        name = "reconcile",
        description =
                "Put right what a crash left: release guests, finish or take back runs, set an unreadable journal "
                        + "aside. Run again it finds nothing left to do.")
final class ReconcileCommand extends SiteCommand {
    @Option(names = "--dry-run", description = "say what would be done, and touch nothing")
    private boolean dryRun;

    @Option(
            names = "--retry",
            description =
                    "also try work on snapshots again that was left to an operator, once what stood in its way is "
                            + "mended")
    private boolean retry;

    @Option(
            names = "--abandon",
            paramLabel = "ID",
            description =
                    "do nothing but end this as it is: a job that can never be finished, or a run that is left to an "
                            + "operator. Needs --yes")
    private String abandon;

    @Option(names = "--yes", description = "give it up without being told first what that means")
    private boolean yes;

    @Option(names = "--adopt", description = "also thaw guests that are frozen though no run claims them")
    private boolean adopt;

    @Override
    ExitStatus run(Site site, Output output) {
        Meters meters = ProgressBars.at(site, output, json());
        List<Finding> findings = new ArrayList<>();
        try {
            site.uninterrupted(() -> {
                if (abandon != null) {
                    findings.add(abandon(site, abandon));
                    return findings;
                }
                return dryRun ? planned(site, findings) : reconcile(site, meters, adopt, retry, findings);
            });
        } catch (RuntimeException e) {
            findings.forEach(output::note); // what was found before it could not go on
            throw e;
        }
        if (json()) {
            output.json(new Views.Reconciled(
                    findings.stream().map(Views.FindingView::of).toList()));
        } else if (findings.isEmpty()) {
            output.line("nothing to reconcile");
        } else {
            findings.forEach(finding -> print(finding, output));
        }
        List<ExitStatus> statuses = new ArrayList<>(
                findings.stream().map(finding -> status(finding.status())).toList());
        if (site.interrupted().getAsBoolean()) {
            statuses.add(ExitStatus.INTERRUPTED);
        }
        return ExitStatus.gravest(statuses);
    }

    /** The runs of a site's journal, to be recovered. */
    static Reconcile reconcile(Site site, Journal journal) {
        RecoverRun recover = new RecoverRun(
                journal,
                site.machines(),
                site.clock(),
                new Rescue(
                        site.machines().hypervisor(),
                        site.timing(),
                        site.settings().limits().thaw()),
                site.heldGuests()::goOn);
        return new Reconcile(journal, recover, site.heldGuests(), vm -> site.hold("reconcile", List.of(vm)));
    }

    /** The jobs of a site's journal, to be recovered. */
    private static RecoverJobs jobs(Site site, Journal journal, Pace pace) {
        return new RecoverJobs(
                journal,
                new RecoverJob(journal, site::machines, site.clock(), pace),
                site.heldGuests(),
                vm -> site.hold("reconcile", List.of(vm)));
    }

    /** Brings to its end what stands in the way of work on these machines: every run, and their own jobs. */
    static List<Finding> settle(Site site, Journal journal, List<DomainId> vms, Meters meters) {
        Set<UUID> these = vms.stream().map(DomainId::uuid).collect(Collectors.toSet());
        List<Finding> findings = new ArrayList<>(reconcile(site, journal).all());
        // what comes after it may need the turn
        Pace pace = new Pace(OptionalLong.empty(), meters, site.interrupted());
        findings.addAll(jobs(site, journal, pace).of(these::contains, false));
        return findings;
    }

    /** Nothing else is settled with it: what cannot be settled may be why it is given up. */
    private Finding abandon(Site site, String id) {
        site.hold("reconcile", List.of());
        Journal journal = site.journal();
        Optional<Run> run = journal.unfinished().stream()
                .filter(of -> of.id().value().equals(id))
                .findFirst();
        if (run.isPresent()) {
            return abandon(site, journal, run.get());
        }
        Job job = journal.unfinishedJobs().stream()
                .filter(of -> of.id().value().equals(id))
                .findFirst()
                .orElseThrow(() -> CommandFailed.refused(
                        ErrorCode.UNKNOWN_RUN,
                        "no run or job '%s' is unfinished; nothing was given up".formatted(id),
                        "see 'stillframe reconcile --dry-run' for those that are"));
        return abandon(site, journal, job);
    }

    private Finding abandon(Site site, Journal journal, Run run) {
        if (run.state() != RunState.QUARANTINED) {
            throw CommandFailed.refused(
                    ErrorCode.UNSETTLED,
                    "run '%s' is %s and not left to an operator; nothing was given up"
                            .formatted(run.id().value(), run.state()),
                    "'stillframe reconcile' brings it to its end");
        }
        AbandonRun abandon = new AbandonRun(journal, site.clock());
        requireConfirmed(
                "run %s is given up: %s".formatted(run.id().value(), abandon.consequence(run)),
                "see 'stillframe show %s' before".formatted(run.id().value()));
        site.hold("reconcile", List.of(new DomainId(run.vm(), run.vmName())));
        return abandon.of(run);
    }

    private Finding abandon(Site site, Journal journal, Job job) {
        String what = "%s is given up: %s".formatted(JobWords.of(job), AbandonJob.consequence(job));
        requireConfirmed(what, "try 'stillframe reconcile --retry' before");
        site.hold("reconcile", List.of(new DomainId(job.vm(), job.vmName())));
        try {
            AbandonJob.Abandoned abandoned = new AbandonJob(journal, site::machines, site.clock()).of(job);
            return Finding.abandoned(job, what, abandoned.leftovers());
        } catch (CommandException e) {
            throw CommandFailed.refused(
                    ErrorCode.STORAGE,
                    "nothing was given up: " + e.getMessage(),
                    "mend what the message names, then try again");
        }
    }

    private void requireConfirmed(String what, String before) {
        if (!yes || dryRun) {
            throw CommandFailed.refused(
                    ErrorCode.UNCONFIRMED, "nothing was given up yet; with --yes %s".formatted(what), before);
        }
    }

    private List<Finding> planned(Site site, List<Finding> findings) {
        site.hold("reconcile", List.of());
        findings.addAll(site.heldGuests().planned());
        Journal journal = site.journal();
        findings.addAll(reconcile(site, journal).planned());
        Pace pace = new Pace(OptionalLong.empty(), Meters.NONE, site.interrupted());
        findings.addAll(jobs(site, journal, pace).planned(retry));
        findings.addAll(frozen(site).find(claimed(journal), false));
        return findings;
    }

    /**
     * Puts right all that can be.
     *
     * @param adopt as the option
     * @param retry as the option
     * @param findings is given each as it is found, and returned
     */
    static List<Finding> reconcile(Site site, Meters meters, boolean adopt, boolean retry, List<Finding> findings) {
        site.hold("reconcile", List.of());
        findings.addAll(site.heldGuests().release(any -> true, vm -> site.hold("reconcile", List.of(vm))));
        Journal journal = journal(site, findings);
        findings.addAll(reconcile(site, journal).all());
        findings.removeAll(site.heldGuests().outdated());
        findings.addAll(frozen(site).find(claimed(journal), adopt));
        // a sentinel that a guest was left to may have died meanwhile
        site.heldGuests().leaveAll();
        // last, for moving data may take its time
        Pace pace = new Pace(OptionalLong.empty(), meters, site.interrupted(), site::letOthers);
        findings.addAll(jobs(site, journal, pace).of(any -> true, retry));
        return findings;
    }

    /** One that cannot be read is kept under another name, and the operator told what that means. */
    private static Journal journal(Site site, List<Finding> findings) {
        try {
            return site.journal();
        } catch (CommandFailed e) {
            if (e.problem().code() != ErrorCode.JOURNAL_UNREADABLE) {
                throw e;
            }
            Path aside = site.setJournalAside();
            findings.add(Finding.ofJournal(
                    Status.NEEDS_OPERATOR,
                    ("the journal could not be read and is kept as %s; a new one was begun. The guests that a process held "
                                    + "are released. Lost are the list of runs and snapshots, and what an interrupted run "
                                    + "was to be rolled back to: the images themselves are untouched, those named *.sf-* "
                                    + "beside a machine's images are in use or left over; bring the journal back from a "
                                    + "backup, or look with 'virsh domblklist' which are in use")
                            .formatted(aside)));
            return site.journal();
        }
    }

    private static FrozenGuests frozen(Site site) {
        return new FrozenGuests(
                site.machines().hypervisor(),
                vm -> site.hold("reconcile", List.of(vm)),
                site.timing(),
                site.settings().limits().thaw());
    }

    private static Set<UUID> claimed(Journal journal) {
        return journal.unfinished().stream().map(run -> run.vm()).collect(Collectors.toSet());
    }

    private static void print(Finding finding, Output output) {
        output.line("%s%s%s"
                .formatted(
                        finding.vm().map("vm '%s': "::formatted).orElse(""),
                        finding.run()
                                .map(run -> "run %s: ".formatted(run.value()))
                                .or(() -> finding.job().map(job -> "job %s: ".formatted(job.value())))
                                .orElse(""),
                        finding.detail()));
    }

    private static ExitStatus status(Status status) {
        return switch (status) {
            case DONE, PLANNED -> ExitStatus.DONE;
            case SKIPPED -> ExitStatus.REFUSED;
            case NEEDS_OPERATOR -> ExitStatus.NEEDS_OPERATOR;
            case MAY_BE_FROZEN -> ExitStatus.MAY_BE_FROZEN;
        };
    }
}
