package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Guests in which a freeze does not hold though it was asked for, and answered: of none of them more is claimed than its disks
 * bear out. The table in docs/proof.md names the other classes with such guests.
 */
class AdversariesIT {
    /** A real agent, with somebody at work behind its back. */
    @Nested
    class BehindTheAgentsBack {
        private static final int ATTEMPTS = 20;
        private static LabGuest guest;

        @TempDir
        private Path directory;

        private Cli cli;

        @BeforeAll
        static void boot() {
            guest = LabGuest.up("it-adversaries", "--disk", "ext4", "--disk", "xfs", "--kernel-arg", "lab.writer=off");
        }

        @AfterAll
        static void remove() {
            guest.close();
        }

        @BeforeEach
        void newStateDirectory() {
            cli = new Cli(directory);
            cli.configure("maximum-chain: 190\n");
        }

        @Test
        void a_process_that_thaws_in_the_middle_of_the_window_makes_it_crash() {
            for (String disk : List.of("vda", "vdb")) {
                JsonNode run = snapshotThawedMeanwhile(disk);
                assertThat(run.get("consistency").asString()).as("%s", run).isEqualTo("crash");
                assertThat(doubts(run)).contains("thaw-count");
            }
        }

        @Test
        void nor_does_what_was_thawed_in_the_window_stay_where_more_is_required() {
            Scene before = Scene.of(guest);
            Cheat cheat = Cheat.on(guest, "vda");
            Cli.Done done = cli.json("snapshot", guest.name());
            if (cheat.end()) {
                done.exits(1);
                before.isUntouched();
            } else {
                done.took("filesystem");
            }
        }

        @Test
        void a_filesystem_that_is_mounted_read_only_is_at_rest_and_no_doubt() {
            guest.shell("mount -o remount,ro /mnt/vda");
            try {
                JsonNode run =
                        cli.json("snapshot", guest.name()).took("filesystem").run();
                assertThat(run.get("freeze").get("filesystems").asInt()).isEqualTo(2);
            } finally {
                guest.shell("mount -o remount,rw /mnt/vda");
            }
        }

        @Test
        void a_filesystem_that_somebody_froze_before_is_counted_by_nobody_and_no_snapshot_is_made() {
            guest.shell("fsfreeze --freeze /mnt/vdb");
            try {
                cli.json("snapshot", guest.name()).exits(1).tells("FREEZE");
            } finally {
                // the agent's thaw may have thawed it, too
                guest.shell("fsfreeze --unfreeze /mnt/vdb 2> /dev/null; true");
            }
        }

        /** The window is short: who looks for it may come too late, and then the run is an honest one. */
        private JsonNode snapshotThawedMeanwhile(String disk) {
            for (int i = 0; i < ATTEMPTS; i++) {
                Cheat cheat = Cheat.on(guest, disk);
                Cli.Done done = cli.json("snapshot", guest.name(), "--require", "crash");
                if (cheat.end()) {
                    return done.exits(0).run();
                }
                done.took("filesystem");
            }
            throw new AssertionError("nothing thawed %s in any of %d windows".formatted(disk, ATTEMPTS));
        }
    }

    /** An agent that lies, and goes to some lengths for it. */
    @Nested
    class LyingAgent {
        private static final String XFS_VOLUME =
                "{\"name\": \"vdb\", \"mountpoint\": \"/mnt/vdb\", \"type\": \"xfs\", \"disk\": []}";
        private static final String XFS = "{\"return\": [" + XFS_VOLUME + "]}";
        private static final String TWO =
                "{\"return\": [{\"name\": \"vda\", \"mountpoint\": \"/mnt/vda\", \"type\": \"ext4\", \"disk\": []}, "
                        + XFS_VOLUME + "]}";

        private static LabGuest guest;
        private static HostileAgent agent;

        @TempDir
        private Path directory;

        private Cli cli;

        @BeforeAll
        static void boot() {
            guest = LabGuest.up("it-liar", "--hostile-agent", "--disk", "ext4", "--disk", "xfs");
            agent = new HostileAgent(guest);
        }

        @AfterAll
        static void remove() {
            guest.close();
        }

        @BeforeEach
        void newStateDirectory() {
            cli = new Cli(directory);
            cli.configure("maximum-chain: 190\n");
            agent.behave();
        }

        @Test
        void one_that_freezes_nothing_and_says_that_it_did_is_contradicted_by_the_disk() {
            claim("{\"return\": 2}", "{\"return\": 2}");
            isOnlyCrash();
        }

        @Test
        void one_that_freezes_one_of_two_filesystems_and_counts_two_is_contradicted_by_the_other() {
            claim("/mnt/vdb", "{\"return\": 2}", "{\"return\": 2}");
            isOnlyCrash();
            claim("/mnt/vda", "{\"return\": 2}", "{\"return\": 2}");
            isOnlyCrash();
        }

        @Test
        void one_that_leaves_a_filesystem_out_is_contradicted_by_what_was_in_use() {
            agent.tell("on guest-get-fsinfo say " + XFS);
            agent.tell("on guest-fsfreeze-freeze freeze /mnt/vdb {\"return\": 1}");
            agent.tell("on guest-fsfreeze-thaw thaw /mnt/vdb {\"return\": 1}");
            isOnlyCrash();
        }

        @Test
        void one_that_counts_wrong_is_not_believed() {
            claim("{\"return\": 1}", "{\"return\": 2}");
            isOnlyCrash();
            claim("{\"return\": 2}", "{\"return\": 1}");
            isOnlyCrash();
        }

        @Test
        void one_that_forges_a_superblock_is_contradicted_by_the_journal() {
            agent.tell("on guest-get-fsinfo say " + TWO);
            agent.tell("on guest-fsfreeze-freeze forge /dev/vda {\"return\": 2}");
            agent.tell("on guest-fsfreeze-thaw say {\"return\": 2}");
            JsonNode run = isOnlyCrash();
            assertThat(run.toString()).contains("its journal holds transactions");
        }

        private void claim(String frozen, String thawed) {
            agent.tell("on guest-get-fsinfo say " + TWO);
            agent.tell("on guest-fsfreeze-freeze say " + frozen);
            agent.tell("on guest-fsfreeze-thaw say " + thawed);
        }

        private void claim(String mountpoint, String frozen, String thawed) {
            agent.tell("on guest-get-fsinfo say " + TWO);
            agent.tell("on guest-fsfreeze-freeze freeze %s %s".formatted(mountpoint, frozen));
            agent.tell("on guest-fsfreeze-thaw thaw %s %s".formatted(mountpoint, thawed));
        }

        private JsonNode isOnlyCrash() {
            cli.json("snapshot", guest.name()).exits(1);
            JsonNode run = cli.json("snapshot", guest.name(), "--require", "crash")
                    .exits(0)
                    .run();
            assertThat(run.get("consistency").asString()).as("%s", run).isEqualTo("crash");
            assertThat(doubts(run)).isNotEmpty();
            guest.awaitWriting();
            agent.behave();
            return run;
        }
    }

    private static List<String> doubts(JsonNode run) {
        return run.get("evidence")
                .valueStream()
                .filter(item -> !item.get("ok").asBoolean())
                .map(item -> item.get("check").asString())
                .toList();
    }
}
