package io.stillframe.storage.qcow2;

import io.stillframe.storage.Meter;
import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Commands;
import io.stillframe.storage.export.Layer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** What we ask of {@code qemu-img}. It is always told the formats: it must never look for them in a file. */
final class QemuImg {
    /** Making an empty overlay takes milliseconds; a minute means that the storage hangs. */
    private static final Duration LIMIT = Duration.ofMinutes(1);

    /** A copy of the largest disks over slow storage; beyond it, something hangs. */
    private static final Duration COPY_LIMIT = Duration.ofDays(7);

    private static final JsonMapper JSON = new JsonMapper();

    private final Commands commands;

    QemuImg(Commands commands) {
        this.commands = commands;
    }

    /** Creates an empty overlay; its size is the base's. Replaces the file: our callers have made it. */
    void createOverlay(Path overlay, Path base, String baseFormat) {
        run(
                "create the overlay " + overlay,
                List.of(
                        "qemu-img",
                        "create",
                        "-q",
                        "-f",
                        "qcow2",
                        "-F",
                        baseFormat,
                        "-b",
                        base.toString(),
                        overlay.toString()));
    }

    /** The bytes that a file really takes. It may be in use, or being written to. */
    long actualSize(Layer image) {
        String json = run(
                "look at " + image.file(),
                List.of(
                        "qemu-img",
                        "info",
                        "--output=json",
                        "-U",
                        "-f",
                        image.format(),
                        image.file().toString()));
        return actualSize(json);
    }

    static long actualSize(String json) {
        try {
            return JSON.readTree(json).required("actual-size").asLong();
        } catch (JacksonException e) {
            throw new CommandException("qemu-img info gives no size", e);
        }
    }

    /**
     * Writes what an overlay holds into the image below it, which grows to the overlay's size where it is smaller. The
     * overlay stays as it is ({@code -d}): whatever interrupts this, it covers what was written, and doing it again is
     * the same.
     *
     * @param bytesPerSecond how fast it may go; 0 for as fast as it can
     */
    void commit(Path overlay, long bytesPerSecond, Meter meter) {
        List<String> argv = new ArrayList<>(List.of("qemu-img", "commit", "-p", "-d", "-f", "qcow2"));
        if (bytesPerSecond > 0) {
            argv.addAll(List.of("-r", Long.toString(bytesPerSecond)));
        }
        argv.add(overlay.toString());
        copy("merge " + overlay, argv, meter);
    }

    /** Has an overlay name another image of the same content as the one below it. */
    void rebase(Path overlay, Layer base) {
        run(
                "have %s lie on %s".formatted(overlay, base.file()),
                List.of(
                        "qemu-img",
                        "rebase",
                        "-q",
                        "-u",
                        "-f",
                        "qcow2",
                        "-b",
                        base.file().toString(),
                        "-F",
                        base.format(),
                        overlay.toString()));
    }

    /**
     * Copies a disk with all that lies below it into one file, sparse. Without {@code -U}: QEMU's lock keeps others from
     * writing to the layers for as long as it takes.
     *
     * @param direct past the host's page cache, which a copy of a whole disk would drive everything else out of
     */
    void convert(Layer from, Layer to, boolean direct, Meter meter) {
        List<String> argv =
                new ArrayList<>(List.of("qemu-img", "convert", "-p", "-f", from.format(), "-O", to.format()));
        argv.addAll(direct ? List.of("-T", "none", "-t", "none") : List.of("-t", "writeback"));
        argv.addAll(List.of(from.file().toString(), to.file().toString()));
        copy("copy " + from.file(), argv, meter);
    }

    private String run(String what, List<String> argv) {
        return succeeded(what, commands.run(argv, LIMIT));
    }

    /** It ends with us: a copy that went on alone would hold QEMU's lock when somebody goes on with our work. */
    private void copy(String what, List<String> argv, Meter meter) {
        List<String> tied = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL", "--"));
        tied.addAll(argv);
        succeeded(what, commands.run(tied, COPY_LIMIT, new CopyProgress(meter)));
    }

    private static String succeeded(String what, Commands.Exit exit) {
        if (!exit.succeeded()) {
            throw new CommandException(
                    "cannot %s: %s".formatted(what, exit.stderr().strip()));
        }
        return exit.stdout();
    }
}
