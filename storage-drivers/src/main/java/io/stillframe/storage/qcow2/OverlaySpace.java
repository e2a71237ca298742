package io.stillframe.storage.qcow2;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/** The directories in which overlays lie. */
final class OverlaySpace {
    /** Bytes free for us where the image lies. */
    long free(Path image) {
        try {
            return Files.getFileStore(directory(image)).getUsableSpace();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The file system that an image lies on, in words. */
    String where(Path image) {
        try {
            return "file system " + Files.getFileStore(directory(image));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean exists(Path file) {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    }

    /** All regular files that lie where the image lies; links lead to what they name. */
    List<Path> files(Path image) {
        try (Stream<Path> files = Files.list(directory(image))) {
            return files.filter(Files::isRegularFile).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether reads can go past the host's page cache here, which not every filesystem can. */
    boolean readsDirectly(Path image) {
        try (FileChannel opened = FileChannel.open(image, StandardOpenOption.READ, ExtendedOpenOption.DIRECT)) {
            return opened.isOpen();
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    /** Gives a finished file its name, durably; false when there is something by that name already. */
    boolean publish(Path unfinished, Path name) {
        try {
            Files.createLink(name, unfinished);
            Files.delete(unfinished);
            force(name);
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean canCreateBeside(Path image) {
        return Files.isWritable(directory(image));
    }

    /**
     * Makes a file, empty and nobody else's to read; false when there is something by that name already, which is then
     * left alone. Whoever else creates it at the same moment gets it or we do, never both.
     */
    boolean claim(Path overlay) {
        try {
            Files.createFile(
                    overlay, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Gives an overlay the owner, group and mode of the image it covers. It will hold what the guest writes, so nobody
     * may read it who could not read the image, and QEMU must be able to open it where libvirt changes no owners.
     */
    void guardLike(Path image, Path overlay) {
        try {
            PosixFileAttributes like = Files.readAttributes(image, PosixFileAttributes.class);
            PosixFileAttributeView view = Files.getFileAttributeView(overlay, PosixFileAttributeView.class);
            view.setPermissions(like.permissions());
            view.setGroup(like.group());
            view.setOwner(like.owner());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Forces a new file and its name to disk: the definition that will point to it is on disk as soon as libvirt has
     * switched, and after a power loss a machine whose overlay is gone could not start.
     */
    void force(Path file) {
        try (FileChannel content = FileChannel.open(file, StandardOpenOption.WRITE);
                FileChannel name = FileChannel.open(directory(file))) {
            content.force(true);
            name.force(true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Removes a file of ours, unless a QEMU has it open, whatever libvirt believes: QEMU locks the images it uses, and
     * one that opens the file only now fails on our lock, and its switch with it.
     */
    Removal remove(Path overlay) {
        try (FileChannel image = FileChannel.open(overlay, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            if (image.tryLock() == null) {
                return Removal.IN_USE;
            }
            return Files.deleteIfExists(overlay) ? Removal.REMOVED : Removal.ABSENT;
        } catch (NoSuchFileException e) {
            return Removal.ABSENT;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How an attempt to remove an overlay ended. */
    enum Removal {
        REMOVED,
        ABSENT,
        IN_USE
    }

    private static Path directory(Path file) {
        return file.toAbsolutePath().getParent();
    }
}
