package io.stillframe.storage.qcow2;

import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Commands;
import io.stillframe.storage.export.ImageChain;
import io.stillframe.storage.export.Layer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * {@code qemu-img} on small files: a qcow2 header as it really is, and behind it lines {@code block=content}. A raw image
 * is such lines alone. What a machine reads is what the topmost layer that has a block says.
 */
public final class PretendedImages implements Commands {
    private static final int HEADER = 4096;
    private static final int TABLE = 2048;
    private static final int NAME = 1024;

    final List<String> given = new ArrayList<>();
    /** Happens before each command, with its name. */
    Consumer<String> before = name -> {};

    @Override
    public Exit run(List<String> argv, Duration limit) {
        List<String> own = argv.get(0).equals("setpriv") ? argv.subList(4, argv.size()) : argv;
        given.add(String.join(" ", own));
        before.accept(own.get(1));
        Path last = Path.of(own.get(own.size() - 1));
        switch (own.get(1)) {
            case "create", "rebase" -> {
                Map<String, String> content = own.get(1).equals("rebase") ? read(last, "qcow2") : Map.of();
                create(last, Optional.of(after(own, "-b")), Optional.of(after(own, "-F")));
                write(last, content);
            }
            case "commit" -> commit(last);
            case "convert" -> {
                Path from = Path.of(own.get(own.size() - 2));
                Map<String, String> content = whole(new Layer(from, after(own, "-f")));
                if (after(own, "-O").equals("qcow2")) {
                    create(last, Optional.empty(), Optional.empty());
                    write(last, content);
                } else {
                    store(last, lines(content));
                }
            }
            case "info" -> {
                return new Exit(0, "{\"actual-size\": %d}".formatted(size(last)), "");
            }
            default -> throw new CommandException("no such command: " + own);
        }
        return new Exit(0, "    (100.00/100%)\r\n", "");
    }

    /** An empty image. */
    public void create(Path image, Optional<String> backing, Optional<String> format) {
        ByteBuffer header = ByteBuffer.allocate(HEADER)
                .putInt(0, 0x514649fb)
                .putInt(4, 3)
                .putInt(20, 16)
                .putLong(24, 1 << 20)
                .putInt(36, 1)
                .putLong(40, TABLE)
                .putInt(100, 112);
        backing.ifPresent(name -> {
            byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
            header.putLong(8, NAME).putInt(16, bytes.length).put(NAME, bytes);
        });
        format.ifPresent(name -> {
            byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
            header.putInt(112, 0xe2792aca).putInt(116, bytes.length).put(120, bytes);
        });
        store(image, header.array());
    }

    /** Has an image of this format, given with all that it held before, hold more. */
    void write(Path image, Map<String, String> more) {
        Map<String, String> content = read(image, "qcow2");
        content.putAll(more);
        byte[] header = Arrays.copyOf(load(image), HEADER);
        ByteBuffer.wrap(header).putLong(TABLE, content.isEmpty() ? 0 : 1L << 63 | 0x50000);
        byte[] lines = lines(content);
        byte[] all = Arrays.copyOf(header, HEADER + lines.length);
        System.arraycopy(lines, 0, all, HEADER, lines.length);
        store(image, all);
    }

    /** Has an overlay name its base by another path. */
    void relink(Path overlay, Path base) {
        Map<String, String> content = read(overlay, "qcow2");
        create(overlay, Optional.of(base.toString()), Optional.of("qcow2"));
        write(overlay, content);
    }

    void resize(Path image, long bytes) {
        byte[] all = load(image);
        ByteBuffer.wrap(all).putLong(24, bytes);
        store(image, all);
    }

    /** What a machine that runs on an image reads. */
    static Map<String, String> whole(Layer image) {
        Map<String, String> content = new TreeMap<>();
        ImageChain chain = ImageChain.of(image);
        if (chain instanceof ImageChain.Broken broken) {
            throw new AssertionError(broken.reason());
        }
        for (Layer layer : chain.layers()) {
            read(layer.file(), layer.format()).forEach(content::putIfAbsent);
        }
        return content;
    }

    void commit(Path overlay) {
        List<Layer> layers = ImageChain.of(new Layer(overlay, "qcow2")).layers();
        Layer base = layers.get(1);
        Map<String, String> own = read(overlay, "qcow2");
        if (base.isQcow2()) {
            write(base.file(), own);
        } else {
            Map<String, String> content = read(base.file(), "raw");
            content.putAll(own);
            store(base.file(), lines(content));
        }
    }

    private static Map<String, String> read(Path image, String format) {
        byte[] all = load(image);
        int start = format.equals("raw") ? 0 : HEADER;
        Map<String, String> content = new TreeMap<>();
        new String(all, start, Math.max(0, all.length - start), StandardCharsets.UTF_8)
                .lines()
                .forEach(line ->
                        content.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1)));
        return content;
    }

    private static byte[] lines(Map<String, String> content) {
        StringBuilder lines = new StringBuilder();
        content.forEach(
                (block, value) -> lines.append(block).append('=').append(value).append('\n'));
        return lines.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String after(List<String> argv, String option) {
        return argv.get(argv.indexOf(option) + 1);
    }

    private static byte[] load(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void store(Path file, byte[] bytes) {
        try {
            Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
