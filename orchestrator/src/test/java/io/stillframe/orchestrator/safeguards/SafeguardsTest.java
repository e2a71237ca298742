package io.stillframe.orchestrator.safeguards;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Each safeguard is needed: without it a test fails that passes with it. */
class SafeguardsTest {
    private static final Path PAGE = Path.of("../docs/safeguards.md");

    static List<Safeguard> safeguards() {
        return Safeguard.ALL;
    }

    @ParameterizedTest
    @MethodSource("safeguards")
    void is_missed(Safeguard safeguard, @TempDir Path directory) throws IOException {
        TestExecutionSummary summary = Mutant.without(safeguard, directory).run(safeguard.test());
        assertThat(summary.getTestsStartedCount()).as("tests run").isPositive();
        assertThat(summary.getTestsFailedCount())
                .as("tests that fail without it")
                .isPositive();
    }

    @Test
    void the_page_of_documentation_lists_them_all() throws IOException {
        if (Boolean.getBoolean("stillframe.writeDocs")) {
            Files.writeString(PAGE, Safeguard.markdown());
        }
        assertThat(PAGE)
                .as("write it with -Dtest=SafeguardsTest -DargLine=-Dstillframe.writeDocs=true")
                .hasContent(Safeguard.markdown());
    }
}
