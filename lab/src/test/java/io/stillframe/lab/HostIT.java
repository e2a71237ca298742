package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.stillframe.lab.HostEvent.Kind;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.platform.commons.support.ReflectionSupport;

/**
 * All classes named {@code *HostTest} of the class path, run inside the host VM in one boot. Each test inside is a test
 * here, with its own time and outcome. {@code -Dhost.tests=Lvm*,ZvolHostTest} chooses classes by their simple names.
 */
@Tag("long")
class HostIT {
    private static final String SUFFIX = "HostTest";

    private static HostVm vm;
    private static HostRun run;

    @BeforeAll
    static void boot() {
        vm = HostVm.up();
    }

    @AfterAll
    static void end() {
        if (run != null) {
            run.close();
        }
        if (vm != null) {
            vm.close();
        }
    }

    @TestFactory
    Stream<DynamicTest> inside_the_host_vm() {
        List<String> classes = classes();
        assertThat(classes).as("classes to run in the host VM").isNotEmpty();
        run = HostRun.start(vm, System.getProperty("stillframe.excluded.tests", ""), classes);
        // sequential, and each is run before the next is asked for
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(new Tests(run), Spliterator.ORDERED), false);
    }

    private static List<String> classes() {
        Pattern chosen = Pattern.compile(
                Arrays.stream(System.getProperty("host.tests", "*").split(",", -1))
                        .map(name -> Pattern.quote(name.strip()).replace("*", "\\E[^.]*\\Q"))
                        .reduce((one, other) -> one + "|" + other)
                        .orElseThrow());
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(Path::of)
                .filter(HostIT::isOurs)
                .flatMap(
                        root -> ReflectionSupport.findAllClassesInClasspathRoot(
                                root.toUri(), type -> true, name -> name.endsWith(SUFFIX))
                                .stream())
                .filter(type -> chosen.matcher(type.getSimpleName()).matches())
                .map(Class::getName)
                .sorted()
                .toList();
    }

    private static boolean isOurs(Path root) {
        return Files.isDirectory(root)
                && root.toAbsolutePath()
                        .normalize()
                        .startsWith(Path.of(Lab.tool("")).toAbsolutePath().normalize());
    }

    /** The tests in the order in which they begin inside; last, whether the run came to its end. */
    private static final class Tests implements Iterator<DynamicTest> {
        private final HostRun run;
        private int began;
        private boolean over;

        private Tests(HostRun run) {
            this.run = run;
        }

        @Override
        public boolean hasNext() {
            return !over;
        }

        @Override
        public DynamicTest next() {
            Optional<HostEvent> event = run.next();
            if (event.isEmpty() || event.get().kind() == Kind.DONE) {
                over = true;
                return dynamicTest("the run inside the host VM came to its end", () -> ended(event));
            }
            HostEvent what = event.get();
            if (what.kind() == Kind.BEGAN) {
                began++;
                return dynamicTest(what.name(), () -> judge(run.outcome(what)));
            }
            return dynamicTest(what.name(), () -> judge(what));
        }

        private void ended(Optional<HostEvent> done) {
            String end = run.end();
            assertThat(done).as("its last word before: %s", end).isPresent();
            assertThat(end).startsWith("exit 0");
            assertThat(began)
                    .as("tests that ran")
                    .isPositive()
                    .isEqualTo(Integer.parseInt(done.get().id()));
        }

        private static void judge(HostEvent event) {
            switch (event.kind()) {
                case PASSED -> {}
                case ABORTED, SKIPPED -> abort(event.text());
                default -> throw new FailedInside(event.text());
            }
        }
    }

    /** Its message is the stack trace inside; where it is thrown from says nothing. */
    private static final class FailedInside extends AssertionError {
        private FailedInside(String stackTrace) {
            super(stackTrace);
            setStackTrace(new StackTraceElement[0]);
        }
    }
}
