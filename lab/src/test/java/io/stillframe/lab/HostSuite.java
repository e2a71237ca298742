package io.stillframe.lab;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.stillframe.lab.HostEvent.Kind;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * The program that runs inside the host VM: runs the test classes that it is given, one test after the other, and tells of
 * each as it begins and ends. What the tests print to stdout goes to stderr.
 */
final class HostSuite implements TestExecutionListener {
    private final PrintStream events;
    private TestPlan plan;
    private int tests;

    private HostSuite(PrintStream events) {
        this.events = events;
    }

    /** Takes the tag to leave out, or an empty word, and class names; exits with 0 when it came to the end. */
    public static void main(String[] arguments) {
        PrintStream events = System.out;
        System.setOut(System.err);
        LauncherDiscoveryRequestBuilder request = LauncherDiscoveryRequestBuilder.request();
        Arrays.stream(arguments).skip(1).forEach(name -> request.selectors(selectClass(name)));
        if (!arguments[0].isEmpty()) {
            request.filters(TagFilter.excludeTags(arguments[0]));
        }
        new HostSuite(events).run(request.build());
    }

    private void run(LauncherDiscoveryRequest request) {
        LauncherFactory.create().execute(request, this);
        tell(Kind.DONE, String.valueOf(tests), "", "");
    }

    @Override
    public void testPlanExecutionStarted(TestPlan testPlan) {
        plan = testPlan;
    }

    @Override
    public void executionStarted(TestIdentifier what) {
        if (what.isTest()) {
            tests++;
            tell(Kind.BEGAN, what, "");
        }
    }

    @Override
    public void executionSkipped(TestIdentifier what, String reason) {
        tell(Kind.SKIPPED, what, reason);
    }

    @Override
    public void executionFinished(TestIdentifier what, TestExecutionResult result) {
        if (what.isTest()) {
            tell(outcome(result), what, stackTrace(result.getThrowable()));
        } else if (result.getStatus() != TestExecutionResult.Status.SUCCESSFUL) {
            tell(Kind.BROKEN, what, stackTrace(result.getThrowable()));
        }
    }

    private static Kind outcome(TestExecutionResult result) {
        return switch (result.getStatus()) {
            case SUCCESSFUL -> Kind.PASSED;
            case FAILED -> Kind.FAILED;
            case ABORTED -> Kind.ABORTED;
        };
    }

    private static String stackTrace(Optional<Throwable> thrown) {
        StringWriter text = new StringWriter();
        thrown.ifPresent(cause -> cause.printStackTrace(new PrintWriter(text, true)));
        return text.toString();
    }

    private void tell(Kind kind, TestIdentifier what, String text) {
        tell(kind, what.getUniqueId(), name(what), text);
    }

    private void tell(Kind kind, String id, String name, String text) {
        events.println(new HostEvent(kind, id, name, text).line());
        events.flush();
    }

    /** The names from the class down; the engine above it says nothing. */
    private String name(TestIdentifier what) {
        Deque<String> names = new ArrayDeque<>();
        for (Optional<TestIdentifier> at = Optional.of(what); at.isPresent(); at = plan.getParent(at.get())) {
            if (at.get().getParentId().isPresent()) {
                names.addFirst(at.get().getDisplayName());
            }
        }
        return String.join(" > ", names);
    }
}
