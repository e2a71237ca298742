package io.stillframe.orchestrator.schedule;

import io.stillframe.db.ScheduleDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.impl.StdSchedulerFactory;
import org.quartz.impl.jdbcjobstore.JobStoreTX;
import org.quartz.impl.jdbcjobstore.StdJDBCDelegate;
import org.quartz.simpl.SimpleThreadPool;
import org.quartz.utils.ConnectionProvider;
import org.quartz.utils.DBConnectionManager;

/** Quartz (2.5.2) over a database of ours. */
final class QuartzScheduler {
    private static final String NAME = "stillframe";
    /** What is due next is asked for after every run; Quartz ships this one for other databases only. */
    private static final String NEXT = """
            CREATE INDEX idx_qrtz_t_nft_st ON qrtz_triggers (sched_name, trigger_state, next_fire_time);
            """;

    private QuartzScheduler() {}

    /** Those that Quartz ships for H2, and an index. */
    static String tables() {
        try (InputStream sql = StdJDBCDelegate.class.getResourceAsStream("tables_h2.sql")) {
            return new String(sql.readAllBytes(), StandardCharsets.UTF_8) + NEXT;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One at a time in a process: Quartz knows databases and schedulers by names. */
    static Scheduler over(ScheduleDatabase database) throws SchedulerException {
        DBConnectionManager.getInstance().addConnectionProvider(NAME, provider(database));
        return new StdSchedulerFactory(properties()).getScheduler();
    }

    private static Properties properties() {
        Properties properties = new Properties();
        properties.setProperty("org.quartz.scheduler.instanceName", NAME);
        properties.setProperty("org.quartz.scheduler.makeSchedulerThreadDaemon", "true");
        properties.setProperty("org.quartz.threadPool.class", SimpleThreadPool.class.getName());
        properties.setProperty("org.quartz.threadPool.threadCount", "1");
        properties.setProperty("org.quartz.threadPool.makeThreadsDaemons", "true");
        properties.setProperty("org.quartz.jobStore.class", JobStoreTX.class.getName());
        properties.setProperty("org.quartz.jobStore.driverDelegateClass", StdJDBCDelegate.class.getName());
        properties.setProperty("org.quartz.jobStore.dataSource", NAME);
        // otherwise its thread looks for what is due beside a change of the policies, and one of the two waits in the
        // database for the other: on a busy host until H2 gives up
        properties.setProperty("org.quartz.jobStore.acquireTriggersWithinLock", "true");
        // texts, and no serialized objects
        properties.setProperty("org.quartz.jobStore.useProperties", "true");
        return properties;
    }

    /** Made at run time, so that SQL's types stay where SQL is: a connection only passes through here. */
    private static ConnectionProvider provider(ScheduleDatabase database) {
        return (ConnectionProvider) Proxy.newProxyInstance(
                ConnectionProvider.class.getClassLoader(),
                new Class<?>[] {ConnectionProvider.class},
                (proxy, method, arguments) -> method.getName().equals("getConnection") ? database.connection() : null);
    }
}
