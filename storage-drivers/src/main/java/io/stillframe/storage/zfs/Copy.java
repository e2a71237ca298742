package io.stillframe.storage.zfs;

import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.block.WriteBack;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Brings the content of an image to another file. A new file has its name only when it is whole: until then it has another
 * one, which nobody but us gives to a file, and the next attempt goes on in it.
 */
final class Copy {
    private final Path image;
    private final Path target;
    private final Path part;

    Copy(Path image, Path target, Path part) {
        this.image = image;
        this.target = target;
        this.part = part;
    }

    /** Makes the target. Blocks of zeros stay holes. */
    Outcome make(Meter meter) throws IOException {
        if (exists(target)) {
            Files.deleteIfExists(part);
            return new Outcome.AlreadyDone();
        }
        if (!exists(part)) {
            create(part);
        }
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            resize(channel, Files.size(image));
        }
        new WriteBack(image, part).run(meter);
        // unlike a move, a link never replaces what has come there meanwhile
        Files.createLink(target, part);
        Files.delete(part);
        forceDirectory();
        return new Outcome.Done();
    }

    /** Makes the target, which was the image once, the image again; refused while a QEMU uses it. */
    Outcome over(Meter meter) throws IOException {
        if (!exists(target)) {
            return make(meter);
        }
        return DiskLock.during(target, channel -> {
            resize(channel, Files.size(image));
            new WriteBack(image, target).run(meter);
            return new Outcome.Done();
        });
    }

    /** Removes what {@link #make} has made or begun; a file that a QEMU uses is not removed. */
    static Outcome remove(Path target, Path part) throws IOException {
        boolean begun = Files.deleteIfExists(part);
        try {
            return DiskLock.during(target, channel -> {
                Files.delete(target);
                return new Outcome.Done();
            });
        } catch (NoSuchFileException e) {
            return begun ? new Outcome.Done() : new Outcome.AlreadyDone();
        }
    }

    private static void resize(FileChannel file, long size) throws IOException {
        if (file.size() < size) {
            file.write(ByteBuffer.allocate(1), size - 1);
        }
        file.truncate(size);
    }

    /** As the image is: nobody may read it who could not read the image, and QEMU must be able to open it. */
    private void create(Path file) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        PosixFileAttributes like = Files.readAttributes(image, PosixFileAttributes.class);
        PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        view.setPermissions(like.permissions());
        view.setGroup(like.group());
        view.setOwner(like.owner());
    }

    private void forceDirectory() throws IOException {
        try (FileChannel directory = FileChannel.open(target.toAbsolutePath().getParent())) {
            directory.force(true);
        }
    }

    private static boolean exists(Path file) {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    }
}
