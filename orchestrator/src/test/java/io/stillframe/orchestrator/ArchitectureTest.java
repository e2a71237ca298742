package io.stillframe.orchestrator;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import io.stillframe.config.offence.ConfigThatKnowsTheJournal;
import io.stillframe.db.offence.JournalThatKnowsStorage;
import io.stillframe.guest.offence.GuestThatKnowsTheConfiguration;
import io.stillframe.offence.EveryForbiddenThing;
import io.stillframe.offence.one.Here;
import io.stillframe.offence.other.There;
import io.stillframe.storage.lvm.DriverThatKnowsAnother;
import io.stillframe.storage.offence.StorageThatKnowsTheGuest;
import io.stillframe.storage.qcow2.Qcow2Driver;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ArchitectureTest {
    private static final List<String> MODULES = List.of("config", "guest", "storage", "db", "orchestrator");
    private static final String APP = "io.stillframe.orchestrator.app..";
    private static final JavaClasses PROJECT = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.stillframe");

    /** A rule, and classes of the tests' own that break it: a rule that nothing can break guards nothing. */
    private record Law(String name, ArchRule rule, List<Class<?>> offenders) {
        Law(String name, ArchRule rule, Class<?>... offenders) {
            this(name, rule, List.of(offenders));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Law> laws() {
        return Stream.of(
                leaf("config", ConfigThatKnowsTheJournal.class),
                leaf("guest", GuestThatKnowsTheConfiguration.class),
                leaf("storage", StorageThatKnowsTheGuest.class),
                leaf("db", JournalThatKnowsStorage.class),
                known("libvirt", List.of("io.stillframe.guest.libvirt.."), "org.libvirt.."),
                known(
                        "native code",
                        List.of("io.stillframe.guest.libvirt..", "io.stillframe..systemd.."),
                        "com.sun.jna.."),
                known("Jetty", List.of("io.stillframe..api.."), "org.eclipse.jetty.."),
                known("SQL", List.of("io.stillframe.db.."), "java.sql..", "javax.sql..", "org.h2.."),
                known("Quartz", List.of("io.stillframe..schedule.."), "org.quartz.."),
                called(
                        "a process is started",
                        List.of("io.stillframe.storage.exec.."),
                        to(ProcessBuilder.class, "<init>").or(to(Runtime.class, "exec"))),
                called(
                        "the wall clock is read",
                        List.of(APP),
                        to(java.time.Clock.class, "system.*|tick.*")
                                .or(to(java.time.Instant.class, "now"))
                                .or(to(java.time.ZonedDateTime.class, "now"))
                                .or(to(java.time.OffsetDateTime.class, "now"))
                                .or(to(java.time.LocalDateTime.class, "now"))
                                .or(to(System.class, "currentTimeMillis"))),
                // a call's deadline has to be measured where the call blocks
                called(
                        "the monotonic clock is read",
                        List.of(APP, "io.stillframe.guest.libvirt.."),
                        to(System.class, "nanoTime")),
                called(
                        "the process is ended",
                        List.of(APP),
                        to(System.class, "exit").or(to(Runtime.class, "exit|halt"))),
                called(
                        "a thread sleeps",
                        List.of("nowhere"),
                        to(Thread.class, "sleep").or(to(java.util.concurrent.TimeUnit.class, "sleep"))),
                known(
                        "Java serialization",
                        List.of("nowhere"),
                        "java.io.Object(In|Out)putStream",
                        "java.io.Externalizable"),
                new Law("drivers do not know one another", drivers(), DriverThatKnowsAnother.class, Qcow2Driver.class),
                new Law(
                        "packages are free of cycles",
                        slices().matching("io.stillframe.(**)").should().beFreeOfCycles(),
                        Here.class,
                        There.class));
    }

    @ParameterizedTest
    @MethodSource("laws")
    void the_project_keeps(Law law) {
        law.rule().check(PROJECT);
    }

    @ParameterizedTest
    @MethodSource("laws")
    void offenders_are_caught_by(Law law) {
        JavaClasses offenders =
                new ClassFileImporter().importClasses(law.offenders().toArray(Class<?>[]::new));
        assertThat(law.rule().allowEmptyShould(true).evaluate(offenders).hasViolation())
                .isTrue();
    }

    @Test
    void every_module_is_seen() {
        assertThat(MODULES)
                .allMatch(module -> PROJECT.that(resideInAPackage("io.stillframe." + module + "..")).stream()
                                .count()
                        > 1);
    }

    private static Law leaf(String module, Class<?> offender) {
        String[] others = MODULES.stream()
                .filter(other -> !other.equals(module))
                .map(other -> "io.stillframe." + other + "..")
                .toArray(String[]::new);
        return new Law(
                module + " is a leaf",
                noClasses()
                        .that()
                        .resideInAPackage("io.stillframe." + module + "..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(others),
                offender);
    }

    private static Law known(String what, List<String> where, String... packages) {
        DescribedPredicate<JavaClass> such = DescribedPredicate.describe(
                what,
                type -> Stream.of(packages)
                        .anyMatch(known -> known.endsWith("..")
                                ? resideInAPackage(known).test(type)
                                : type.getName().matches(known)));
        return new Law(
                what + " is known in " + where,
                noClasses()
                        .that()
                        .resideOutsideOfPackages(where.toArray(String[]::new))
                        .should()
                        .dependOnClassesThat(such),
                EveryForbiddenThing.class);
    }

    private static Law called(String what, List<String> where, DescribedPredicate<JavaAccess<?>> calls) {
        return new Law(
                what + " in " + where,
                noClasses()
                        .that()
                        .resideOutsideOfPackages(where.toArray(String[]::new))
                        .should()
                        .accessTargetWhere(calls),
                EveryForbiddenThing.class);
    }

    private static DescribedPredicate<JavaAccess<?>> to(Class<?> owner, String names) {
        return DescribedPredicate.describe(
                owner.getSimpleName() + "." + names,
                access -> access.getTargetOwner().isEquivalentTo(owner)
                        && access.getName().matches(names));
    }

    private static ArchRule drivers() {
        return slices().matching("io.stillframe.storage.(*)..")
                .should()
                .notDependOnEachOther()
                .ignoreDependency(
                        alwaysTrue(),
                        resideInAnyPackage(
                                "io.stillframe.storage.exec..",
                                "io.stillframe.storage.export..",
                                "io.stillframe.storage.block.."));
    }
}
