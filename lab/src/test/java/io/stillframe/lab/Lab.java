package io.stillframe.lab;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The lab on this machine: where its tools are, made ready once for all tests of this JVM. */
final class Lab {
    private static final Path CHECKOUT = checkout();

    static {
        // what tests that were killed left; guests whose owner lives are not touched
        Tool.out(tool("lab/guest"), "sweep");
        // builds where the sources are newer, so that no test pays for it; inside the host VM nothing can be built
        if (!Boolean.getBoolean("stillframe.built")) {
            Tool.out(tool("bin/stillframe"), "--version");
        }
    }

    private Lab() {}

    /** The path of a program of the checkout: {@code lab/guest}. */
    static String tool(String path) {
        return CHECKOUT.resolve(path).toString();
    }

    /** A program among the tests, run as {@code bin/stillframe} runs its own: what comes before its arguments. */
    static List<String> java(String main, String... properties) {
        String home = Optional.ofNullable(System.getenv("JAVA_HOME")).orElse(System.getProperty("java.home"));
        List<String> argv = new ArrayList<>(List.of(Path.of(home, "bin", "java").toString()));
        argv.addAll(archive());
        argv.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", "-Djna.encoding=UTF-8"));
        argv.addAll(List.of(properties));
        argv.addAll(List.of("-cp", jar() + File.pathSeparator + tool("lab/target/test-classes"), main));
        return argv;
    }

    /** What has a JVM map the program's classes rather than load them: where {@link #jar} is the first of its class path. */
    static List<String> archive() {
        return List.of(
                "-Xshare:auto",
                "-XX:SharedArchiveFile=" + tool("orchestrator/target/stillframe.jsa"),
                "-Xlog:disable",
                "-Xlog:all=error:stderr");
    }

    /** The program, as {@code bin/stillframe} runs it. */
    static String jar() {
        return tool("orchestrator/target/stillframe.jar");
    }

    private static Path checkout() {
        Path checkout = Path.of(System.getProperty("stillframe.checkout", "..")).toAbsolutePath();
        if (!Files.isExecutable(checkout.resolve("lab/guest"))) {
            throw new IllegalStateException("no checkout in " + checkout + ": set -Dstillframe.checkout");
        }
        return checkout.normalize();
    }
}
