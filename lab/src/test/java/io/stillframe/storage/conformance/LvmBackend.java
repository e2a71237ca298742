package io.stillframe.storage.conformance;

import io.stillframe.storage.SnapshotStore;
import io.stillframe.storage.StorageDriver;
import io.stillframe.storage.Volume;
import io.stillframe.storage.VolumeSnapshot;
import io.stillframe.storage.exec.Commands;
import io.stillframe.storage.lvm.CowSize;
import io.stillframe.storage.lvm.LvmThickDriver;
import io.stillframe.storage.lvm.LvmThickStore;
import io.stillframe.storage.lvm.LvmThinDriver;
import io.stillframe.storage.lvm.LvmThinStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Logical volumes in the host VM's group; thin ones in a small pool of their own, which is soon full. */
final class LvmBackend extends OpenedBackend {
    private static final String GROUP = "sflab";
    /** What all volumes of a test begin with, so that those of a test that died are found. */
    private static final String PREFIX = "sfconf";

    /** What everything that we make begins with; others may live in the group at the same time. */
    private static final String MADE = "sf-";

    private static final String POOL = PREFIX + "pool";
    private static final int POOL_BYTES = 128 << 20;
    private static final String MACHINE = "5f1d7a3e-0000-4000-8000-00000000c0de";
    private static final LvmThinDriver.Limits LIMITS = new LvmThinDriver.Limits(0.9, 0.9, 0.8);
    /** The longest name of a device is 127 bytes, and that of an origin's lower layer is {@code sflab-NAME-real}. */
    private static final int LONGEST = 127 - GROUP.length() - "-".length() - "-real".length();

    private final boolean thin;
    private final CowSize cow;

    private LvmBackend(boolean thin, CowSize cow) {
        this.thin = thin;
        this.cow = cow;
        sweep();
        if (thin) {
            run("lvcreate", "-qy", "--type", "thin-pool", "-L", POOL_BYTES + "b", "-n", POOL, GROUP);
        }
    }

    static LvmBackend thick() {
        return thick(new CowSize.Percent(100));
    }

    /** Whose snapshots have so much room. */
    static LvmBackend thick(CowSize cow) {
        return new LvmBackend(false, cow);
    }

    static LvmBackend thin() {
        return new LvmBackend(true, new CowSize.Percent(100));
    }

    @Override
    String prefix() {
        return PREFIX;
    }

    @Override
    public StorageDriver driver(Commands commands) {
        return thin
                ? new LvmThinDriver(commands, MACHINE, LIMITS)
                : new LvmThickDriver(commands, MACHINE, new LvmThickDriver.Limits(cow, 0.8));
    }

    @Override
    public SnapshotStore store(Commands commands) {
        return thin ? new LvmThinStore(commands, MACHINE, LIMITS) : new LvmThickStore(commands, MACHINE);
    }

    @Override
    Volume make(String disk, String name, int size) {
        if (thin) {
            run("lvcreate", "-qy", "-V", size + "b", "--thinpool", POOL, "-n", name, GROUP);
        } else {
            run("lvcreate", "-qy", "-Zn", "-Wn", "-L", size + "b", "-n", name, GROUP);
        }
        Path path = Path.of("/dev", GROUP, name);
        if (!thin) {
            files.write(path, 0, new byte[size]);
        }
        return new Volume(disk, "block", path.toString(), "raw", 1, true, "writeback");
    }

    @Override
    public void makeForeign(VolumeSnapshot planned) {
        String name = planned.snapshot().substring(GROUP.length() + 1);
        run("lvcreate", "-qy", "-Wn", "-L", "4M", "-n", name, "--addtag", "stillframe", GROUP);
    }

    @Override
    public void fill() {
        if (thin) {
            Volume filler = make("vdz", PREFIX + "filler", POOL_BYTES);
            files.write(Path.of(filler.source()), 0, new byte[POOL_BYTES - POOL_BYTES / 10]);
            powerOff();
        } else {
            run("lvcreate", "-qy", "-Wn", "-l", "100%FREE", "-n", PREFIX + "filler", GROUP);
        }
    }

    @Override
    public void empty() {
        run("lvremove", "-qqy", GROUP + "/" + PREFIX + "filler");
    }

    @Override
    public LimitNames makeVolumesWithLimitNames() {
        String longest = PREFIX + "n".repeat(LONGEST - PREFIX.length());
        return new LimitNames(make("vdx", longest, Disk.SIZE), make("vdy", longest + "n", Disk.SIZE));
    }

    @Override
    public Set<String> inventory() {
        Set<String> all = new TreeSet<>();
        Stream.of(
                        "lvs -a --noheadings -o vg_name,lv_name,lv_permissions,lv_tags",
                        "dmsetup info -c --noheadings -o name,suspended")
                .flatMap(command -> run(command.split(" ")).lines())
                .map(line -> line.strip().replaceAll("\\s+", " "))
                .filter(line -> line.contains(PREFIX) || line.contains(MADE))
                .forEach(all::add);
        return all;
    }

    @Override
    public String tool() {
        return thin ? "lvcreate" : "lvconvert";
    }

    @Override
    public boolean changes(List<String> argv) {
        return Set.of("lvcreate", "lvchange", "lvconvert", "lvrename", "lvremove")
                .contains(argv.get(0));
    }

    @Override
    public List<Moment> moments(String disk) {
        try {
            Path device = path(disk).toRealPath().getFileName();
            Path suspended = Path.of("/sys/block").resolve(device).resolve("dm/suspended");
            return List.of(new Moment("the origin is suspended", suspended, "1"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All that begins with the prefix, and what we made of it; by name, and in an order that lets each go. */
    @Override
    void sweep() {
        remove(volume -> volume[1].startsWith(MADE));
        remove(volume -> volume[1].startsWith(PREFIX) && !volume[1].equals(POOL));
        remove(volume -> volume[1].equals(POOL));
    }

    private static void remove(Predicate<String[]> which) {
        run("lvs", "--noheadings", "--separator", "/", "-o", "vg_name,lv_name", GROUP)
                .lines()
                .map(line -> line.strip().split("/", -1))
                .filter(which)
                .forEach(volume ->
                        COMMANDS.run(List.of("lvremove", "-qqy", volume[0] + "/" + volume[1]), Duration.ofMinutes(5)));
    }
}
