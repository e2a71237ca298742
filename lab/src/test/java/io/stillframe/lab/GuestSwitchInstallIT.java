package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code guest/install} makes of the guests there are, in a tree that stands for one. */
class GuestSwitchInstallIT {
    private static final String SWITCH = "/usr/local/sbin/stillframe-switch";
    private static final String OWN_HOOK = "/usr/local/lib/stillframe/fsfreeze-hook";

    @TempDir
    private Path guest;

    @Test
    void without_a_dispatcher_the_line_for_the_agent_is_told() throws IOException {
        String said = install();
        assertThat(files()).containsExactly(OWN_HOOK, SWITCH);
        assertThat(said).contains("[general]\nfsfreeze-hook=" + OWN_HOOK + "\n");

        write("/etc/qemu/qemu-ga.conf", "[general]\nfsfreeze-hook = " + OWN_HOOK + "\n");
        assertThat(install()).contains("qemu-ga calls " + OWN_HOOK).doesNotContain("[general]");
    }

    @Test
    void where_the_agent_calls_a_dispatcher_nothing_is_left_to_do() throws IOException {
        write("/etc/qemu-ga/fsfreeze-hook", "#!/bin/sh\n");
        write("/etc/sysconfig/qemu-ga", "FSFREEZE_HOOK_PATHNAME=/etc/qemu-ga/fsfreeze-hook\n");
        String said = install();
        assertThat(files()).contains("/etc/qemu-ga/fsfreeze-hook.d/99-stillframe-switch", SWITCH);
        assertThat(said).contains("qemu-ga calls /etc/qemu-ga/fsfreeze-hook").doesNotContain("[general]");
    }

    @Test
    void a_dispatcher_that_the_agent_is_not_told_of_is_named() throws IOException {
        write("/etc/qemu/fsfreeze-hook", "#!/bin/sh\n");
        String said = install();
        assertThat(files()).contains("/etc/qemu/fsfreeze-hook.d/99-stillframe-switch", SWITCH);
        assertThat(said).contains("[general]\nfsfreeze-hook=/etc/qemu/fsfreeze-hook\n");
    }

    @Test
    void where_the_agent_calls_our_hook_already_a_dispatcher_changes_nothing() throws IOException {
        write("/etc/qemu/qemu-ga.conf", "[general]\nfsfreeze-hook=" + OWN_HOOK + "\n");
        write("/etc/qemu/fsfreeze-hook", "#!/bin/sh\n");
        assertThat(install()).contains("qemu-ga calls " + OWN_HOOK);
        assertThat(files()).contains(OWN_HOOK).doesNotContain("/etc/qemu/fsfreeze-hook.d/99-stillframe-switch");
    }

    @Test
    void a_second_run_touches_nothing() throws IOException {
        install();
        Object before = Files.getLastModifiedTime(guest.resolve(SWITCH.substring(1)));
        Object inode = Files.getAttribute(guest.resolve(SWITCH.substring(1)), "unix:ino");
        assertThat(install()).contains("already there: " + SWITCH, "already there: " + OWN_HOOK);
        assertThat(Files.getLastModifiedTime(guest.resolve(SWITCH.substring(1))))
                .isEqualTo(before);
        assertThat(Files.getAttribute(guest.resolve(SWITCH.substring(1)), "unix:ino"))
                .isEqualTo(inode);
        assertThat(guest.resolve(SWITCH.substring(1))).isExecutable();
        assertThat(guest.resolve(OWN_HOOK.substring(1))).isExecutable();
    }

    @Test
    void uninstalled_nothing_of_it_is_left_and_everything_else_is() throws IOException {
        for (String at : List.of("/etc/qemu", "/etc/qemu-ga")) {
            write(at + "/fsfreeze-hook", "#!/bin/sh\n");
            write(at + "/fsfreeze-hook.d/10-mine", "#!/bin/sh\n");
        }
        List<String> before = files();
        install();
        assertThat(files()).hasSizeGreaterThan(before.size());
        Tool.out("env", "DESTDIR=" + guest, Lab.tool("guest/install"), "--uninstall");
        assertThat(files()).isEqualTo(before);
        Tool.out("env", "DESTDIR=" + guest, Lab.tool("guest/install"), "--uninstall");
    }

    @Test
    void anything_else_is_refused() throws IOException {
        assertThat(Tool.run("env", "DESTDIR=" + guest, Lab.tool("guest/install"), "--all")
                        .exit())
                .isEqualTo(2);
        assertThat(files()).isEmpty();
    }

    private String install() {
        return Tool.out("env", "DESTDIR=" + guest, Lab.tool("guest/install"));
    }

    private void write(String path, String text) throws IOException {
        Path file = guest.resolve(path.substring(1));
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private List<String> files() throws IOException {
        try (Stream<Path> all = Files.walk(guest)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> "/" + guest.relativize(file))
                    .sorted()
                    .toList();
        }
    }
}
