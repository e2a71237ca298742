package io.stillframe.orchestrator.safeguards;

import java.io.IOException;
import java.io.StringWriter;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** The program without one of its safeguards: one class compiled anew, in front of all the others. */
final class Mutant {
    private static final String PACKAGE = "io.stillframe.orchestrator.";

    private final Path classes;

    private Mutant(Path classes) {
        this.classes = classes;
    }

    /** Compiles the class that has the safeguard without it. */
    static Mutant without(Safeguard safeguard, Path directory) throws IOException {
        Path original = Path.of("src/main/java", (PACKAGE + safeguard.source()).replace('.', '/') + ".java");
        String source = Files.readString(original);
        if (source.split(java.util.regex.Pattern.quote(safeguard.code()), -1).length != 2) {
            throw new AssertionError("not there exactly once in %s: %s".formatted(original, safeguard.code()));
        }
        Path changed = directory.resolve("source").resolve(original.getFileName());
        Files.createDirectories(changed.getParent());
        Files.writeString(changed, source.replace(safeguard.code(), safeguard.without()));
        Path classes = Files.createDirectory(directory.resolve("classes"));
        compile(changed, classes);
        return new Mutant(classes);
    }

    private static void compile(Path source, Path classes) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter complaints = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            Iterable<? extends JavaFileObject> units = files.getJavaFileObjects(source);
            List<String> options = List.of(
                    "-proc:none", "-nowarn", "-cp", System.getProperty("java.class.path"), "-d", classes.toString());
            if (!compiler.getTask(complaints, files, null, options, null, units).call()) {
                throw new AssertionError("the mutant does not compile: " + complaints);
            }
        }
    }

    /** Runs a test against the mutant. */
    TestExecutionSummary run(String test) throws IOException {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader = loader()) {
            thread.setContextClassLoader(loader);
            String[] name = test.split("#", 2);
            Class<?> type = loader.loadClass(PACKAGE + name[0]);
            SummaryGeneratingListener summary = new SummaryGeneratingListener();
            List<java.lang.reflect.Method> methods = Stream.of(type.getDeclaredMethods())
                    .filter(method -> method.getName().equals(name[1]))
                    .toList();
            LauncherFactory.create()
                    .execute(
                            LauncherDiscoveryRequestBuilder.request()
                                    .selectors(methods.stream()
                                            .map(method -> DiscoverySelectors.selectMethod(type, method))
                                            .toList())
                                    .build(),
                            summary);
            return summary.getSummary();
        } catch (ClassNotFoundException e) {
            throw new AssertionError("no such test: " + test, e);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** The project's own classes anew, the mutant's first; everything else as it is loaded already. */
    private URLClassLoader loader() throws MalformedURLException {
        List<URL> urls = new ArrayList<>(List.of(classes.toUri().toURL()));
        for (String entry : System.getProperty("java.class.path").split(":", -1)) {
            urls.add(URI.create(Path.of(entry).toUri().toString()).toURL());
        }
        return new OwnFirst(urls.toArray(URL[]::new));
    }

    /** Looks for the project's classes here before it asks its parent. */
    private static final class OwnFirst extends URLClassLoader {
        OwnFirst(URL[] urls) {
            super(urls, Mutant.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith("io.stillframe.")) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded == null ? findClass(name) : loaded;
            }
        }
    }
}
