package io.stillframe.guest.libvirt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.management.ThreadMXBean;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.guest.GuestFilesystem;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** libvirt's list of filesystems, with whatever a guest can have libvirt put into it. */
@Timeout(120)
class NativeFilesystemsTest {
    private static final long SEED = Long.getLong("fuzz.seed", 20_260_101);
    private static final int LISTS = 20_000;
    private static final int WORD = Native.POINTER_SIZE;

    private final List<Pointer> freed = new ArrayList<>();
    /** Keeps from the collector what only native memory refers to. */
    private final List<Memory> alive = new ArrayList<>();

    private final LibvirtLibrary libvirt = (LibvirtLibrary) Proxy.newProxyInstance(
            getClass().getClassLoader(), new Class<?>[] {LibvirtLibrary.class}, (self, method, arguments) -> {
                assertThat(method.getName()).isEqualTo("virDomainFSInfoFree");
                freed.add((Pointer) arguments[0]);
                return null;
            });

    @Test
    void a_list_is_read_as_libvirt_lays_it_out() {
        List<Pointer> list = List.of(
                filesystem("/mnt/März".getBytes(UTF_8), 2, pointers(List.of(text("vda"), text("vdb")))),
                filesystem(null, 0, null));

        assertThat(take(list))
                .containsExactly(
                        new GuestFilesystem("/mnt/März", "vda1", "ext4", List.of("vda", "vdb")),
                        new GuestFilesystem("", "vda1", "ext4", List.of()));
        assertThat(freed).isEqualTo(list);
    }

    @Test
    void a_list_beyond_all_bounds_is_refused_and_freed() {
        Pointer filesystem = filesystem("/".getBytes(UTF_8), 0, null);
        assertThat(take(Collections.nCopies(Bounds.MAX_ENTRIES, filesystem))).hasSize(Bounds.MAX_ENTRIES);
        freed.clear();

        assertThatExceptionOfType(GuestException.class)
                .isThrownBy(() -> take(Collections.nCopies(Bounds.MAX_ENTRIES + 1, filesystem)))
                .matches(e -> e.failure() == GuestFailure.BAD_REPLY);
        assertThat(freed).hasSize(Bounds.MAX_ENTRIES + 1);
    }

    @Test
    void a_text_too_long_for_a_name_is_refused_and_not_even_copied() {
        byte[] text = new byte[5_000_000];
        Arrays.fill(text, (byte) 'x');
        Pointer mountpoint = text(text);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        assertThatExceptionOfType(GuestException.class)
                .isThrownBy(() -> NativeText.name(mountpoint))
                .matches(e -> e.failure() == GuestFailure.BAD_REPLY);
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(text.length);
    }

    @Test
    void whatever_a_guest_mounts_its_list_is_read_within_bounds_or_refused_and_always_freed() {
        Random random = new Random(SEED);
        int read = 0;
        for (int i = 0; i < LISTS; i++) {
            alive.clear();
            freed.clear();
            List<Pointer> list = list(random);
            try {
                read += checked(take(list));
            } catch (GuestException e) {
                assertThat(e.failure()).isEqualTo(GuestFailure.BAD_REPLY);
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed %d, list %d".formatted(SEED, i), e);
            }
            assertThat(freed).as("seed %d, list %d", SEED, i).isEqualTo(list);
        }
        assertThat(read).as("filesystems that were read").isGreaterThan(LISTS);
    }

    private static int checked(List<GuestFilesystem> filesystems) {
        assertThat(filesystems).hasSizeLessThanOrEqualTo(Bounds.MAX_ENTRIES);
        for (GuestFilesystem filesystem : filesystems) {
            assertThat(filesystem.disks()).hasSizeLessThanOrEqualTo(Bounds.MAX_ENTRIES);
            List<String> texts = new ArrayList<>(filesystem.disks());
            texts.addAll(List.of(filesystem.mountpoint(), filesystem.device(), filesystem.type()));
            assertThat(texts)
                    .allMatch(text -> text.length() <= Bounds.MAX_TEXT
                            && UTF_8.newEncoder().canEncode(text));
        }
        return filesystems.size();
    }

    private List<GuestFilesystem> take(List<Pointer> list) {
        Pointer array = new Pointer(Native.malloc((long) WORD * Math.max(1, list.size())));
        array.write(0, list.toArray(Pointer[]::new), 0, list.size());
        return NativeFilesystems.take(libvirt, array, list.size());
    }

    private List<Pointer> list(Random random) {
        List<Pointer> list = new ArrayList<>();
        for (int left = random.nextInt(6); left > 0; left--) {
            long disks =
                    switch (random.nextInt(30)) {
                        case 0 -> random.nextLong();
                        case 1 -> Bounds.MAX_ENTRIES + 1;
                        default -> random.nextInt(4);
                    };
            List<Pointer> names = new ArrayList<>();
            for (int disk = 0; disk < Math.min(Math.max(disks, 1), 4); disk++) {
                names.add(text(bytes(random)));
            }
            list.add(filesystem(bytes(random), disks, pointers(names)));
        }
        return list;
    }

    private static byte[] bytes(Random random) {
        return switch (random.nextInt(40)) {
            case 0 -> null;
            case 1 -> "é".repeat(random.nextInt(3 * Bounds.MAX_TEXT)).getBytes(UTF_8);
            case 2 -> {
                byte[] garbage = new byte[random.nextInt(50)];
                random.nextBytes(garbage);
                yield garbage;
            }
            case 3 -> new byte[] {'/', (byte) 0xED, (byte) 0xA0, (byte) 0x80};
            default -> "/mnt/🦊 \n\u001b[2J".getBytes(UTF_8);
        };
    }

    private Pointer filesystem(byte[] mountpoint, long disks, Pointer names) {
        Memory info = memory(5 * WORD);
        info.setPointer(0, text(mountpoint));
        info.setPointer(WORD, text("vda1"));
        info.setPointer(2L * WORD, text("ext4"));
        info.setLong(3L * WORD, disks);
        info.setPointer(4L * WORD, names);
        return info.share(0);
    }

    private Pointer pointers(List<Pointer> pointers) {
        Memory array = memory(WORD * Math.max(1, pointers.size()));
        array.write(0, pointers.toArray(Pointer[]::new), 0, pointers.size());
        return array;
    }

    private Pointer text(String text) {
        return text(text.getBytes(UTF_8));
    }

    private Pointer text(byte[] text) {
        if (text == null) {
            return null;
        }
        Memory memory = memory(text.length + 1);
        memory.write(0, text, 0, text.length);
        memory.setByte(text.length, (byte) 0);
        return memory;
    }

    private Memory memory(int size) {
        Memory memory = new Memory(size);
        alive.add(memory);
        return memory;
    }
}
