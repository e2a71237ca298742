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
import java.util.EnumSet;
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
import org.quartz.Trigger.TriggerState;
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
    /** Not those of a trigger that has fired, or that Quartz has given up. */
    private static final Set<TriggerState> GOING_ON = EnumSet.of(TriggerState.NORMAL, TriggerState.BLOCKED);

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
         * @return whether it has begun; where it has not it is due again, as soon as the schedule is open again
         */
        boolean run(Policy policy, Instant due);
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
                Optional<Trigger> known = known(policy);
                if (!goesOn(policy, known)) {
                    changed.put(job(policy), triggers(policy, known));
                }
            }
            scheduler.scheduleJobs(changed, true);
        } catch (SchedulerException e) {
            throw new ScheduleException("the schedule cannot be changed", e);
        }
    }

    /** Whether the trigger that it has will fire. */
    private boolean goesOn(Policy policy, Optional<Trigger> known) throws SchedulerException {
        if (known.isEmpty() || !GOING_ON.contains(scheduler.getTriggerState(key(policy.name())))) {
            return false;
        }
        planned.put(policy.name(), known.get().getStartTime().toInstant());
        return true;
    }

    /**
     * The trigger that it has by the same timetable. None that was planned by a clock that was ahead: one time that is due may
     * be left out, which is what a clock leaves that is set back a little right after a run.
     */
    private Optional<Trigger> known(Policy policy) throws SchedulerException {
        Optional<Instant> latest =
                new DueTimes(policy.timetable()).from(clock.instant()).skip(1).findFirst();
        return Optional.ofNullable(scheduler.getTrigger(key(policy.name())))
                .filter(trigger ->
                        timetable(policy).equals(trigger.getJobDataMap().getString(TIMETABLE)))
                .filter(trigger -> latest.isEmpty() || !due(trigger).isAfter(latest.get()));
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

    /**
     * The trigger that it is to have from now on, where it is ever due; where it is not it has none any more. What has fired
     * already fires again: the run was not begun, for before that the next one is planned.
     */
    private Set<Trigger> triggers(Policy policy, Optional<Trigger> known) throws SchedulerException {
        Optional<Trigger> trigger =
                known.map(fired -> trigger(policy, due(fired))).or(() -> next(policy, clock.instant()));
        if (trigger.isEmpty()) {
            remove(policy);
        }
        return trigger.map(Set::of).orElse(Set.of());
    }

    /** When the next run of a policy begins, or should have begun; empty where there is none. */
    public Optional<Instant> begins(String policy) {
        return Optional.ofNullable(planned.get(policy));
    }

    /** Whether what it is kept in had better be closed and opened again. */
    public boolean isWorn() {
        return database.isWorn();
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

    private void put(Policy policy, Optional<Trigger> trigger) throws SchedulerException {
        if (trigger.isEmpty()) {
            remove(policy);
        } else if (scheduler.rescheduleJob(key(policy.name()), trigger.get()) == null) {
            scheduler.scheduleJob(trigger.get());
        }
    }

    private void remove(Policy policy) throws SchedulerException {
        planned.remove(policy.name());
        scheduler.unscheduleJob(key(policy.name()));
    }

    private Optional<Trigger> next(Policy policy, Instant after) {
        return new DueTimes(policy.timetable()).after(after).map(due -> trigger(policy, due));
    }

    private Trigger trigger(Policy policy, Instant due) {
        Instant begins = Jitter.begin(policy, due);
        planned.put(policy.name(), begins);
        return TriggerBuilder.newTrigger()
                .withIdentity(key(policy.name()))
                .forJob(policy.name(), GROUP)
                .startAt(Date.from(begins))
                .usingJobData(DUE, due.toString())
                .usingJobData(TIMETABLE, timetable(policy))
                // late is no reason to wait for Quartz's look at what is late, which it takes once a minute
                .withSchedule(SimpleScheduleBuilder.simpleSchedule().withMisfireHandlingInstructionIgnoreMisfires())
                .build();
    }

    private static TriggerKey key(String policy) {
        return TriggerKey.triggerKey(policy, GROUP);
    }

    private static Instant due(Trigger trigger) {
        return Instant.parse(trigger.getJobDataMap().getString(DUE));
    }

    /** The next one is planned first: whatever becomes of this run, there is one. */
    private void begin(String name, Instant due) throws SchedulerException {
        Policy policy = policies.get(name);
        if (policy == null) {
            return;
        }
        boolean planned = false;
        boolean begun;
        try {
            planNext(name, due);
            planned = true;
        } finally {
            begun = runs.run(policy, due);
            if (!planned) {
                // a policy without a next run would never be heard of again
                planNext(name, due);
            }
        }
        if (!begun) {
            planAgain(policy, due);
        }
    }

    /** By the policy as it is now; none where it is gone. */
    private synchronized void planNext(String name, Instant due) throws SchedulerException {
        Policy policy = policies.get(name);
        if (policy != null) {
            Instant after = Stream.of(clock.instant(), due)
                    .max(Comparator.naturalOrder())
                    .get();
            put(policy, next(policy, after));
        }
    }

    /** What did not come to its turn before the end is caught up as what was missed after it; not where it has changed. */
    private synchronized void planAgain(Policy policy, Instant due) throws SchedulerException {
        if (policy.equals(policies.get(policy.name()))) {
            put(policy, Optional.of(trigger(policy, due)));
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
                schedule.begin(context.getJobDetail().getKey().getName(), due(context.getTrigger()));
            } catch (SchedulerException e) {
                throw new JobExecutionException(e);
            }
        }
    }
}
