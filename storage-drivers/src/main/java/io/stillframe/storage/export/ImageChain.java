package io.stillframe.storage.export;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What an image consists of, from the top down, by the headers of its files. */
public sealed interface ImageChain {
    /** libvirt's own limit. */
    int MAX_LAYERS = 200;

    /** QEMU takes a name that begins like this for something else than a path. */
    Pattern PROTOCOL = Pattern.compile("^[A-Za-z0-9+.-]+:.*", Pattern.DOTALL);

    /** Every layer is there, with its format told. */
    record Whole(List<Layer> layers) implements ImageChain {
        public Whole {
            layers = List.copyOf(layers);
        }
    }

    /** Part of it is missing, or cannot be told. */
    record Broken(List<Layer> layers, String reason) implements ImageChain {
        public Broken {
            layers = List.copyOf(layers);
        }
    }

    /** The layers that are known, the top one first. */
    List<Layer> layers();

    /** Whether it is one whole image, which lies on nothing. */
    default boolean isOneImage() {
        return this instanceof Whole && layers().size() == 1;
    }

    /** Follows an image down. */
    static ImageChain of(Layer top) {
        List<Layer> layers = new ArrayList<>();
        Layer layer = top;
        while (true) {
            if (!Files.isRegularFile(layer.file()) && !(layer.format().equals("raw") && layer.isBlockDevice())) {
                return new Broken(layers, "%s is not there".formatted(layer.file()));
            }
            layers.add(layer);
            if (!layer.isQcow2()) {
                return new Whole(layers);
            }
            Optional<Qcow2Header> header = Qcow2Header.read(layer.file());
            if (header.isEmpty()) {
                return new Broken(layers, "%s is no qcow2 image".formatted(layer.file()));
            }
            if (header.get().externalData()) {
                return new Broken(
                        layers,
                        "%s keeps its data in another file, which whoever made the image could have named"
                                .formatted(layer.file()));
            }
            if (header.get().backing().isEmpty()) {
                return new Whole(layers);
            }
            Optional<Layer> next = below(layer.file(), header.get());
            if (next.isEmpty()) {
                return new Broken(
                        layers,
                        "what lies below %s is no file, or its format is not told: %s"
                                .formatted(layer.file(), header.get().backing().get()));
            }
            if (layers.size() == MAX_LAYERS) {
                return new Broken(layers, "more than %d images lie upon one another".formatted(MAX_LAYERS));
            }
            layer = next.get();
        }
    }

    /**
     * The first layer from an image down that keeps its data in a file of its own choice: no tool of ours may open it, for it
     * would read, and write, whatever file is named there.
     */
    static Optional<Path> withExternalData(Layer top) {
        ImageChain chain = of(top);
        return chain.layers().stream()
                .filter(Layer::isQcow2)
                .map(Layer::file)
                .filter(file ->
                        Qcow2Header.read(file).filter(Qcow2Header::externalData).isPresent())
                .findFirst();
    }

    /** The file that an overlay's header names, wherever its format is told or not; as QEMU finds it. */
    static Optional<Path> backing(Path overlay) {
        return Qcow2Header.read(overlay).flatMap(Qcow2Header::backing).flatMap(name -> resolve(overlay, name));
    }

    /** Whether two paths lead to one file. */
    static boolean same(Path one, Path other) {
        try {
            if (Files.exists(one) && Files.exists(other)) {
                return Files.isSameFile(one, other);
            }
            return one.toAbsolutePath()
                    .normalize()
                    .equals(other.toAbsolutePath().normalize());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<Layer> below(Path overlay, Qcow2Header header) {
        return header.backing()
                .flatMap(name -> resolve(overlay, name))
                .flatMap(file -> header.backingFormat().map(format -> new Layer(file, format)))
                .filter(layer -> layer.format().equals("raw") || layer.isQcow2());
    }

    private static Optional<Path> resolve(Path overlay, String name) {
        String path = name.startsWith("file:") ? name.substring("file:".length()) : name;
        if (path.indexOf('\0') >= 0 || PROTOCOL.matcher(path).matches()) {
            return Optional.empty();
        }
        return Optional.of(overlay.resolveSibling(path));
    }
}
