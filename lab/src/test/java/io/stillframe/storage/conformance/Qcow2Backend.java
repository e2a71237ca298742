package io.stillframe.storage.conformance;

import io.stillframe.guest.DiskImage;
import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainState;
import io.stillframe.guest.Hypervisor;
import io.stillframe.guest.libvirt.LibvirtHypervisor;
import io.stillframe.orchestrator.app.StoreOfDomain;
import io.stillframe.storage.Change;
import io.stillframe.storage.SnapshotStore;
import io.stillframe.storage.StorageDriver;
import io.stillframe.storage.Volume;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.exec.Commands;
import io.stillframe.storage.exec.LocalCommands;
import io.stillframe.storage.qcow2.Qcow2Driver;
import io.stillframe.storage.qcow2.Qcow2Store;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Images in a small filesystem of their own, and a real QEMU under libvirt that writes to them: it stands paused, with no
 * guest in it, and is told what to write by its monitor.
 */
final class Qcow2Backend implements Backend {
    private static final Commands COMMANDS = new LocalCommands();
    private static final Duration LIMIT = Duration.ofMinutes(4);
    private static final long FILESYSTEM = 96L << 20;
    private static final long MINIMUM_FREE = 4L << 20;
    private static final int MAXIMUM_CHAIN = 50;
    /** Stands for libvirt's answers where a test loses those of the program that takes snapshots. */
    private static final String ANSWER = "true";

    private final Hypervisor hypervisor = LibvirtHypervisor.open("qemu:///system", Duration.ofSeconds(60));
    private final boolean off;
    private final String machine;
    private final Path directory;
    private final Path images;
    private final Domain domain;

    private Qcow2Backend(boolean off) {
        this.off = off;
        JsonNode made = new JsonMapper()
                .readTree(run(
                        lab(),
                        "up",
                        "it-conformance " + ProcessHandle.current().pid(),
                        "--no-start",
                        "--owner",
                        String.valueOf(ProcessHandle.current().pid()),
                        "--disk",
                        "empty:raw"));
        machine = made.get("uuid").asString();
        directory = Path.of(made.get("dir").asString());
        virsh("detach-disk", "vda", "--config");
        images = directory.resolve("images");
        Path filesystem = directory.resolve("filesystem");
        run("mkdir", images.toString());
        run("truncate", "-s", String.valueOf(FILESYSTEM), filesystem.toString());
        run("mkfs.ext4", "-q", "-F", "-m", "0", filesystem.toString());
        run("mount", "-o", "loop", filesystem.toString(), images.toString());
        run("chmod", "755", images.toString());
        domain = hypervisor.domain(machine);
    }

    /** Whose snapshots are dealt with while it runs, as far as can be. */
    static Qcow2Backend running() {
        return new Qcow2Backend(false);
    }

    /** Which is off whenever something is done with its snapshots. */
    static Qcow2Backend off() {
        return new Qcow2Backend(true);
    }

    private static String lab() {
        return Path.of(System.getProperty("stillframe.checkout", ".."), "lab/guest")
                .toAbsolutePath()
                .toString();
    }

    @Override
    public StorageDriver driver(Commands commands) {
        start();
        return new Qcow2Driver(
                new AnsweringLayers(StoreOfDomain.layers(hypervisor, domain), commands, ANSWER),
                commands,
                new Qcow2Driver.Limits(MINIMUM_FREE, MAXIMUM_CHAIN));
    }

    @Override
    public SnapshotStore store(Commands commands) {
        if (off) {
            powerOff();
        }
        return new Qcow2Store(
                StoreOfDomain.layers(hypervisor, domain),
                commands,
                new Qcow2Store.Options(MINIMUM_FREE, 0, directory.resolve("open")));
    }

    /** The first is a raw image, in full, as an installer makes it; further ones are qcow2. */
    @Override
    public Volume makeVolume(String disk, int size) {
        String format = disk.equals("vda") ? "raw" : "qcow2";
        return makeVolume(disk, images.resolve(disk + "." + format), format, size);
    }

    private Volume makeVolume(String disk, Path image, String format, int size) {
        if (format.equals("raw")) {
            run("dd", "if=/dev/zero", "of=" + image, "bs=" + size, "count=1");
        } else {
            run("qemu-img", "create", "-q", "-f", format, image.toString(), String.valueOf(size));
        }
        powerOff();
        virsh("attach-disk", image.toString(), disk, "--config", "--subdriver", format, "--targetbus", "virtio");
        start();
        return volume(disk);
    }

    @Override
    public Volume volume(String disk) {
        return domain.disks().stream()
                .filter(each -> each.target().equals(disk))
                .map(each -> new Volume(
                        disk,
                        each.sourceType(),
                        each.source().orElseThrow(),
                        each.format(),
                        each.backing().size() + 1,
                        each.exclusive(),
                        each.cache()))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void write(String disk, int offset, byte[] bytes) throws IOException {
        start();
        monitor(disk, "write -s %s %d %d".formatted(pattern(bytes), offset, bytes.length));
    }

    @Override
    public void flush(String disk) {
        start();
        monitor(disk, "flush");
    }

    /** What QEMU holds back of an image's tables is written first. */
    @Override
    public byte[] read(String disk) throws IOException {
        flush(disk);
        Volume volume = volume(disk);
        return whole(volume.source(), volume.format());
    }

    @Override
    public byte[] read(Change clone) throws IOException {
        return whole(clone.to(), clone.format());
    }

    private byte[] whole(String image, String format) throws IOException {
        Path raw = directory.resolve("read.raw");
        run("qemu-img", "convert", "-q", "-U", "-f", format, "-O", "raw", image, raw.toString());
        return Files.readAllBytes(raw);
    }

    @Override
    public void write(Change clone, int offset, byte[] bytes) throws IOException {
        run(
                "qemu-io",
                "-f",
                clone.format(),
                "-c",
                "write -s %s %d %d".formatted(pattern(bytes), offset, bytes.length),
                clone.to());
    }

    private Path pattern(byte[] bytes) throws IOException {
        Path pattern = Files.write(directory.resolve("pattern"), bytes);
        run("chmod", "644", pattern.toString());
        return pattern;
    }

    /** What it has to say of its success goes to QEMU's own output; whoever reads finds out. */
    private void monitor(String disk, String command) {
        String device =
                "/machine/peripheral/virtio-disk%d/virtio-backend".formatted(disk.charAt(disk.length() - 1) - 'a');
        String answer = virsh("qemu-monitor-command", "--hmp", "qemu-io -d %s \"%s\"".formatted(device, command));
        if (!answer.isBlank()) {
            throw new IllegalStateException("%s: %s".formatted(command, answer));
        }
    }

    private void start() {
        if (domain.state() == DomainState.SHUT_OFF) {
            virsh("start", "--paused");
        }
    }

    @Override
    public void powerOff() {
        if (domain.state() != DomainState.SHUT_OFF) {
            virsh("destroy");
        }
    }

    @Override
    public void redefine(Change revert) {
        domain.redefine(
                List.of(new DiskImage(revert.disk(), DiskImage.Kind.FILE, Path.of(revert.to()), revert.format())));
    }

    @Override
    public void makeForeign(VolumeSnapshot planned) throws IOException {
        Files.writeString(Path.of(planned.active()), "somebody else's");
    }

    @Override
    public void fill() throws IOException {
        long free = Files.getFileStore(images).getUsableSpace();
        run(
                "fallocate",
                "-l",
                String.valueOf(free - (64 << 10)),
                images.resolve("filling").toString());
    }

    @Override
    public void empty() throws IOException {
        Files.delete(images.resolve("filling"));
    }

    @Override
    public LimitNames makeVolumesWithLimitNames() {
        Path longest = images.resolve("n".repeat(255 - ".qcow2".length()) + ".qcow2");
        Volume volume = makeVolume("vdc", longest, "qcow2", 1 << 20);
        Path tooLong = images.resolve("n".repeat(256));
        return new LimitNames(volume, new Volume("vdc", "file", tooLong.toString(), "qcow2", 1, true, "none"));
    }

    @Override
    public Set<String> inventory() {
        Set<String> all = new TreeSet<>();
        for (Path folder : List.of(images, directory.resolve("open"))) {
            if (Files.exists(folder)) {
                try (Stream<Path> files = Files.list(folder)) {
                    files.forEach(file -> all.add(file.getFileName().toString()));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        domain.definedDisks().forEach(disk -> all.add("defined " + disk.source()));
        return all;
    }

    @Override
    public String tool() {
        return ANSWER;
    }

    @Override
    public boolean changes(List<String> argv) {
        return argv.contains("qemu-img")
                && Stream.of("create", "commit", "rebase", "convert").anyMatch(argv::contains);
    }

    /** A transaction of QEMU's has no middle that can be seen. */
    @Override
    public List<Moment> moments(String disk) {
        return List.of();
    }

    private String virsh(String command, String... arguments) {
        return run(
                Stream.concat(Stream.of("virsh", "-q", "-c", "qemu:///system", command, machine), Stream.of(arguments))
                        .toArray(String[]::new));
    }

    private static String run(String... argv) {
        Commands.Exit exit = COMMANDS.run(List.of(argv), LIMIT);
        if (!exit.succeeded()) {
            throw new IllegalStateException("%s: %s".formatted(List.of(argv), exit.stderr()));
        }
        return exit.stdout();
    }

    @Override
    public void close() {
        powerOff();
        domain.close();
        hypervisor.close();
        run("umount", images.toString());
        run(lab(), "down", machine);
    }
}
