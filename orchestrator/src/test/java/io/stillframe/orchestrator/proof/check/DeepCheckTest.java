package io.stillframe.orchestrator.proof.check;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.orchestrator.proof.check.Soundness.Sound;
import io.stillframe.orchestrator.proof.check.Soundness.Undecided;
import io.stillframe.orchestrator.proof.check.Soundness.Unsound;
import io.stillframe.orchestrator.proof.filesystem.Kind;
import io.stillframe.storage.exec.CommandException;
import io.stillframe.storage.exec.Commands.Exit;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the checkers printed of the captured images, and of damaged ones. */
class DeepCheckTest {
    @ParameterizedTest
    @CsvSource({
        "EXT4, e2fsck-1.47.0-frozen, data: 43/8192 files (0.0% non-contiguous)",
        "XFS, xfs_repair-6.1.0-unmounted, nothing found",
        "XFS, xfs_repair-6.1.0-frozen, 'a mount will count anew: sb_fdblocks 59897, counted 60322'",
        "XFS, xfs_repair-6.1.0-frozen-device, 'a mount will count anew: sb_fdblocks 59897, counted 60322'",
        "BTRFS, btrfs-check-6.2-frozen, 'found 393216 bytes used, no error found'"
    })
    void a_frozen_filesystem_is_sound(Kind kind, String output, String detail) {
        assertThat(read(kind, output))
                .isInstanceOfSatisfying(
                        Sound.class, sound -> assertThat(sound.detail()).startsWith(detail));
    }

    @ParameterizedTest
    @CsvSource({
        "EXT4, e2fsck-1.47.0-damaged, Entry 'first' in / (2) has deleted/unused inode",
        "XFS, xfs_repair-6.1.0-damaged, imap claims a free inode 128 is in use",
        "BTRFS, btrfs-check-6.2-damaged, checksum verify failed on 30851072"
    })
    void damage_is_told_in_the_checkers_words(Kind kind, String output, String detail) {
        assertThat(read(kind, output))
                .isInstanceOfSatisfying(
                        Unsound.class, unsound -> assertThat(unsound.detail()).contains(detail));
    }

    @ParameterizedTest
    @CsvSource({
        "EXT4, e2fsck-1.47.0-none, Bad magic number in super-block",
        "XFS, xfs_repair-6.1.0-none, superblock read failed"
    })
    void a_checker_that_failed_decides_nothing(Kind kind, String output, String reason) {
        assertThat(read(kind, output))
                .isInstanceOfSatisfying(
                        Undecided.class,
                        undecided -> assertThat(undecided.reason()).contains(reason));
    }

    @Test
    void an_xfs_repair_that_was_cut_short_is_not_taken_for_sound() {
        String begun = "Phase 1 - find and verify superblock...\n";
        assertThat(new XfsRepair().read(new Exit(1, begun, ""))).isInstanceOf(Unsound.class);
    }

    @Test
    void nothing_is_ever_changed(@TempDir Path directory) throws IOException {
        Path file = Files.createFile(directory.resolve("-y"));
        List<List<String>> given = new ArrayList<>();
        for (Kind kind : List.of(Kind.EXT4, Kind.XFS, Kind.BTRFS)) {
            DeepCheck.of(kind)
                    .orElseThrow()
                    .run(
                            (argv, limit) -> {
                                given.add(argv);
                                return new Exit(0, "", "");
                            },
                            file,
                            Duration.ofSeconds(1));
        }
        assertThat(given)
                .containsExactly(
                        List.of("e2fsck", "-n", "-f", file.toString()),
                        List.of("xfs_repair", "-n", "-f", file.toString()),
                        List.of("btrfs", "check", "--readonly", file.toString()));
        assertThat(new XfsRepair().argv(Path.of("/dev/null"))).containsExactly("xfs_repair", "-n", "/dev/null");
    }

    @Test
    void a_checker_that_takes_too_long_decides_nothing() {
        Soundness soundness = new E2fsck()
                .run(
                        (argv, limit) -> {
                            throw new CommandException("e2fsck did not end within PT1S");
                        },
                        Path.of("/dev/null"),
                        Duration.ofSeconds(1));
        assertThat(soundness).isEqualTo(new Undecided("e2fsck did not end within PT1S"));
    }

    @Test
    void a_file_name_of_the_guest_is_fit_to_be_printed() {
        Exit exit = new Exit(4, "Entry '\u001b[2J\u202e' in / (2) has a zero-length name.\n", "");
        assertThat(((Unsound) new E2fsck().read(exit)).detail()).startsWith("Entry '?[2J?' in /");
    }

    @Test
    void what_has_no_checker_has_none() {
        assertThat(DeepCheck.of(Kind.SWAP)).isEmpty();
    }

    private static Soundness read(Kind kind, String name) {
        int status = Integer.parseInt(text(name + ".status").strip());
        return DeepCheck.of(kind).orElseThrow().read(new Exit(status, text(name + ".stdout"), text(name + ".stderr")));
    }

    private static String text(String name) {
        try (InputStream in = DeepCheckTest.class.getResourceAsStream(name)) {
            return in == null ? "" : new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
