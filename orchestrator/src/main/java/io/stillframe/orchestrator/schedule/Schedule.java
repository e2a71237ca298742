package io.stillframe.orchestrator.schedule;

import io.stillframe.config.Policy;
import io.stillframe.db.ScheduleDatabase;
import io.stillframe.orchestrator.policy.DueTimes;
import io.stillframe.orchestrator.policy.Jitter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.quartz.DisallowConcurrentExecution;
import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobDetail;
import org.quartz.JobExecutionContext;
import org.quartz.JobExecutionException;
import org.quartz.JobKey;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.SimpleScheduleBuilder;
import org.quartz.Trigger;
import org.quartz.TriggerBuilder;
import org.quartz.TriggerKey;
import org.quartz.impl.matchers.GroupMatcher;

/**
 * When each policy begins next, kept over restarts. One run goes on at a time; what is due meanwhile waits for it.
 *
 * <p>Each policy has one trigger that fires once. Where a run begins, the trigger of the next one takes its place, for the
 * first time that is due then: however many times were missed, because the daemon was not there or a run took long, they
 * are caught up by one run, as soon as that can be. A run that was cut short is not begun again.
 */
public final class Schedule implements AutoCloseable {
    private static final String GROUP = "policy";
    private static final String TIMETABLE = "timetable";
    private static final String DUE = "due";

    private final ScheduleDatabase database;
    private final Scheduler scheduler;
    private final Clock clock;
    private final Runs runs;
    private volatile Map<String, Policy> policies = Map.of();
    /** When each begins next; to ask the database for every policy takes a second where there are ten thousand. */
    private final Map<String, Instant> planned = new ConcurrentHashMap<>();

    private volatile boolean started;

    /** What is done when a policy is due. */
    @FunctionalInterface
    public interface Runs {
        /**
         * Runs a policy, and returns when the run has ended.
         *
         * @param due when it was due; the run may begin much later
         */
        void run(Policy policy, Instant due);
    }

    private Schedule(ScheduleDatabase database, Scheduler scheduler, Clock clock, Runs runs) {
        this.database = database;
        this.scheduler = scheduler;
        this.clock = clock;
        this.runs = runs;
    }

    /**
     * Opens a schedule; nothing is run before it is started.
     *
     * @param database with the {@link QuartzScheduler#tables}; closed with the schedule
     * @param clock what is due is told by it
     */
    public static Schedule open(ScheduleDatabase database, Clock clock, Runs runs) {
        try {
            Scheduler scheduler = QuartzScheduler.over(database);
            Schedule schedule = new Schedule(database, scheduler, clock, runs);
            scheduler.setJobFactory((bundle, any) -> new PolicyJob(schedule));
            return schedule;
        } catch (SchedulerException e) {
            database.close();
            throw new ScheduleException("the schedule cannot be opened", e);
        }
    }

    /** The statements that make the tables of its database. */
    public static String tables() {
        return QuartzScheduler.tables();
    }

    /**
     * From now on these are the policies. One whose timetable is as it was goes on where it was, and catches up what it has
     * missed; any other begins with the first time that is due after now.
     */
    public synchronized void follow(Map<String, Policy> followed) {
        policies = Map.copyOf(followed);
        planned.keySet().retainAll(followed.keySet());
        try {
            for (JobKey job : scheduler.getJobKeys(GroupMatcher.jobGroupEquals(GROUP))) {
                if (!followed.containsKey(job.getName())) {
                    scheduler.deleteJob(job);
                }
            }
            // all at once: each change that is written for itself costs the file some kilobytes and the daemon its time
            Map<JobDetail, Set<? extends Trigger>> changed = new HashMap<>();
            for (Policy policy : followed.values()) {
                if (!goesOn(policy)) {
                    changed.put(job(policy), triggers(policy));
                }
            }
            scheduler.scheduleJobs(changed, true);
        } catch (SchedulerException e) {
            throw new ScheduleException("the schedule cannot be changed", e);
        }
    }

    /** Whether it is planned by the same timetable already. */
    private boolean goesOn(Policy policy) throws SchedulerException {
        Trigger trigger = scheduler.getTrigger(TriggerKey.triggerKey(policy.name(), GROUP));
        if (trigger == null || !timetable(policy).equals(trigger.getJobDataMap().getString(TIMETABLE))) {
            return false;
        }
        planned.put(policy.name(), trigger.getStartTime().toInstant());
        return true;
    }

    private static String timetable(Policy policy) {
        return policy.timetable().toString();
    }

    private static JobDetail job(Policy policy) {
        return JobBuilder.newJob(PolicyJob.class)
                .withIdentity(JobKey.jobKey(policy.name(), GROUP))
                .storeDurably()
                .build();
    }

    /** The trigger that it is to have from now on, where it is ever due; where it is not it has none any more. */
    private Set<Trigger> triggers(Policy policy) throws SchedulerException {
        Optional<Trigger> next = next(policy, clock.instant());
        if (next.isEmpty()) {
            scheduler.unscheduleJob(TriggerKey.triggerKey(policy.name(), GROUP));
        }
        return next.map(Set::of).orElse(Set.of());
    }

    /** When the next run of a policy begins, or should have begun; empty where there is none. */
    public Optional<Instant> begins(String policy) {
        return Optional.ofNullable(planned.get(policy));
    }

    /** Whether what it is kept in has grown so much that it had better be closed and opened again. */
    public boolean isLarge() {
        return database.isLarge();
    }

    /**
     * Whether runs begin when they should: one goes on, which others have to wait for, or none is late.
     *
     * @param patience how much later than planned a run may begin
     */
    public boolean isAlive(Duration patience) {
        return !isIdle() || (started && nothingIsLate(clock.instant().minus(patience)));
    }

    private boolean nothingIsLate(Instant latest) {
        return planned.values().stream().noneMatch(latest::isAfter);
    }

    /** Whether no run goes on. */
    public boolean isIdle() {
        try {
            return scheduler.getCurrentlyExecutingJobs().isEmpty();
        } catch (SchedulerException e) {
            throw new ScheduleException("the schedule cannot be read", e);
        }
    }

    /** Lets no more runs begin; one that is about to may yet. */
    public void rest() {
        try {
            scheduler.standby();
        } catch (SchedulerException e) {
            throw new ScheduleException("the schedule cannot be halted", e);
        }
    }

    /** Lets the runs begin. */
    public void start() {
        try {
            scheduler.start();
            started = true;
        } catch (SchedulerException e) {
            throw new ScheduleException("the schedule cannot be started", e);
        }
    }

    private void plan(Policy policy, Instant after) throws SchedulerException {
        TriggerKey key = TriggerKey.triggerKey(policy.name(), GROUP);
        Optional<Trigger> next = next(policy, after);
        if (next.isEmpty()) {
            scheduler.unscheduleJob(key);
        } else if (scheduler.rescheduleJob(key, next.get()) == null) {
            scheduler.scheduleJob(next.get());
        }
    }

    private Optional<Trigger> next(Policy policy, Instant after) {
        Optional<Instant> due = new DueTimes(policy.timetable()).after(after);
        Optional<Instant> begins = due.map(at -> Jitter.begin(policy, at));
        begins.ifPresentOrElse(at -> planned.put(policy.name(), at), () -> planned.remove(policy.name()));
        return begins.map(at -> TriggerBuilder.newTrigger()
                .withIdentity(TriggerKey.triggerKey(policy.name(), GROUP))
                .forJob(policy.name(), GROUP)
                .startAt(Date.from(at))
                .usingJobData(DUE, due.get().toString())
                .usingJobData(TIMETABLE, timetable(policy))
                // late is no reason to wait for Quartz's look at what is late, which it takes once a minute
                .withSchedule(SimpleScheduleBuilder.simpleSchedule().withMisfireHandlingInstructionIgnoreMisfires())
                .build());
    }

    /** The next one is planned first: whatever becomes of this run, there is one. */
    private void begin(String name, Instant due) throws SchedulerException {
        Policy policy = policies.get(name);
        if (policy == null) {
            return;
        }
        boolean planned = false;
        try {
            planNext(name, due);
            planned = true;
        } finally {
            runs.run(policy, due);
            if (!planned) {
                // a policy without a next run would never be heard of again
                planNext(name, due);
            }
        }
    }

    /** By the policy as it is now; none where it is gone. */
    private synchronized void planNext(String name, Instant due) throws SchedulerException {
        Policy policy = policies.get(name);
        if (policy != null) {
            plan(
                    policy,
                    Stream.of(clock.instant(), due)
                            .max(Comparator.naturalOrder())
                            .get());
        }
    }

    /** Begins no more runs, and waits for the one that goes on. */
    @Override
    public void close() {
        try {
            scheduler.shutdown(true);
        } catch (SchedulerException e) {
            throw new ScheduleException("the schedule cannot be closed", e);
        } finally {
            database.close();
        }
    }

    /** A policy that is due. */
    @DisallowConcurrentExecution
    static final class PolicyJob implements Job {
        private final Schedule schedule;

        PolicyJob(Schedule schedule) {
            this.schedule = schedule;
        }

        @Override
        public void execute(JobExecutionContext context) throws JobExecutionException {
            try {
                schedule.begin(
                        context.getJobDetail().getKey().getName(),
                        Instant.parse(context.getTrigger().getJobDataMap().getString(DUE)));
            } catch (SchedulerException e) {
                throw new JobExecutionException(e);
            }
        }
    }
}
