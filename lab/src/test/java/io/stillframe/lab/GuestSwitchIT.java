package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.lab.GuestSwitch.Beat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The switch in a real guest, whose shell and fsfreeze are BusyBox's, when nobody on the host ends a freeze. */
class GuestSwitchIT {
    private static final Duration DEADLINE = Duration.ofSeconds(4);
    private static final Duration LONGEST_DEADLINE = Duration.ofMinutes(1);
    /** A freeze stands out from the other pauses of an emulated guest by this. */
    private static final Duration STILL = Duration.ofSeconds(1);

    /** How often the switch looks at the clock. */
    private static final Duration LOOKS_EACH = Duration.ofSeconds(1);

    private static final Duration NEVER = Duration.ofHours(1);
    private static final int KIT_SECONDS = 3;
    private static final String ODD_PLACE = "/mnt/a disk 1% \\ é";

    private static LabGuest guest;
    private static AgentProcess agent;
    /** Takes no guest-exec; its agent calls the kit's hook. */
    private static LabGuest hooked;

    @BeforeAll
    static void boot() {
        guest = LabGuest.up("it-switch", "--disk", "ext4", "--disk", "xfs:raw");
        guest.shell("mkdir '%1$s' && mount -o move /mnt/vdb '%1$s'".formatted(ODD_PLACE));
        agent = AgentProcess.of(guest, "KILL");
        hooked = LabGuest.up(
                "it-switch-hook",
                "--kernel-arg",
                "lab.blockexec",
                "--kernel-arg",
                "lab.kit=hook",
                "--kernel-arg",
                "lab.kit.seconds=" + KIT_SECONDS);
    }

    @AfterAll
    static void remove() {
        guest.close();
        hooked.close();
    }

    @AfterEach
    void nothingStaysFrozen() {
        for (LabGuest each : List.of(guest, hooked)) {
            thaw(each);
            each.awaitWriting();
        }
    }

    @Test
    void a_guest_that_nobody_thaws_writes_again_after_the_deadline_and_not_before() {
        GuestSwitch armed = new GuestSwitch(guest, "alone");
        long due = frozenWith(armed, "vda", () -> freeze(guest), 2);

        assertThat(firstWriteAfterTheFreeze(guest, "vda", due).millis()).isGreaterThanOrEqualTo(due);
        assertThat(firstWriteAfterTheFreeze(guest, "vdb", due).millis()).isGreaterThanOrEqualTo(due);
        assertThat(guest.isFrozen()).as("what the agent believes").isTrue();
        assertThat(thaw(guest)).as("what is left to thaw").isZero();
        Await.until("the switch has ended", () -> armed.loop().isEmpty());
        assertThat(armed.disarm()).isEqualTo("fired");
        assertThat(armed.disarm()).isEqualTo("absent");
    }

    @Test
    void a_mountpoint_with_odd_characters_in_its_name_is_thawed() {
        GuestSwitch armed = new GuestSwitch(guest, "odd");
        long due = frozenWith(armed, "vdb", () -> freezeOnly(guest, ODD_PLACE), 1);

        assertThat(firstWriteAfterTheFreeze(guest, "vdb", due).millis()).isGreaterThanOrEqualTo(due);
        assertThat(thaw(guest)).isZero();
        assertThat(armed.disarm()).isEqualTo("fired");
    }

    @Test
    void disarmed_in_time_it_never_fires() {
        GuestSwitch armed = new GuestSwitch(guest, "disarmed");
        AtomicReference<String> said = new AtomicReference<>();
        // the other disk goes on, and its writer tells the time
        long due = frozenWith(
                armed,
                "vda",
                () -> {
                    said.set(armed.disarm());
                    return freezeOnly(guest, "/mnt/vda");
                },
                1);
        assertThat(said).hasValue("disarmed");
        Await.until(
                "the deadline is long past",
                () -> GuestSwitch.lastBeat(guest, "vdb").millis()
                        > due + LOOKS_EACH.multipliedBy(3).toMillis());

        assertThat(GuestSwitch.lastBeat(guest, "vda").millis())
                .as("the last write to the frozen disk")
                .isLessThan(due);
        assertThat(thaw(guest)).as("filesystems that were still frozen").isEqualTo(1);
        assertThat(armed.loop()).isEmpty();
        assertThat(armed.disarm()).isEqualTo("absent");
    }

    @Test
    void whatever_a_service_manager_sends_it_stays_armed() {
        GuestSwitch armed = new GuestSwitch(guest, "signalled");
        armed.arm(NEVER);
        List<String> loop = armed.loop();
        assertThat(loop).isNotEmpty();
        for (String signal : List.of("TERM", "HUP", "INT")) {
            guest.shell("kill -%s %s".formatted(signal, String.join(" ", loop)));
        }
        assertThat(armed.loop()).containsAnyElementsOf(loop);
        assertThat(armed.disarm()).isEqualTo("disarmed");
        Await.until("the loop has ended", () -> armed.loop().isEmpty());
    }

    @Test
    void it_fires_although_the_agent_was_killed() {
        GuestSwitch armed = new GuestSwitch(guest, "killed");
        long due = armed.arm(DEADLINE.multipliedBy(3)); // time enough for the agent's death to be seen
        assertThat(freeze(guest)).isEqualTo(2);
        agent.end();
        assertThat(GuestSwitch.lastBeat(guest, "vda").millis()).isLessThan(due - STILL.toMillis());

        assertThat(firstWriteAfterTheFreeze(guest, "vda", due).millis()).isGreaterThanOrEqualTo(due);
        agent.bringBack();
        assertThat(guest.isFrozen()).as("what the new agent believes").isTrue();
        assertThat(thaw(guest)).as("what is left to thaw").isZero();
        assertThat(armed.disarm()).isEqualTo("fired");
    }

    @Test
    void a_new_deadline_replaces_the_old_one() {
        GuestSwitch armed = new GuestSwitch(guest, "again");
        long first = armed.arm(Duration.ofSeconds(2));
        long due = frozenWith(armed, "vda", () -> freeze(guest), 2);
        assertThat(due).isGreaterThan(first);

        assertThat(firstWriteAfterTheFreeze(guest, "vda", due).millis()).isGreaterThanOrEqualTo(due);
        assertThat(thaw(guest)).isZero();
        assertThat(armed.disarm()).isEqualTo("fired");
    }

    @Test
    void the_hook_thaws_a_guest_that_takes_no_programs_and_says_so() {
        long before = GuestSwitch.lastBeat(hooked, "vda").millis();
        long reports = reportsOnConsole();
        assertThat(freeze(hooked)).isEqualTo(1);

        long due = before + Duration.ofSeconds(KIT_SECONDS).toMillis();
        assertThat(firstWriteAfterTheFreeze(hooked, "vda", due).millis()).isGreaterThanOrEqualTo(due);
        assertThat(hooked.isFrozen()).as("what the agent believes").isTrue();
        assertThat(thaw(hooked)).as("what is left to thaw").isZero();
        assertThat(hooked.isFrozen()).isFalse();
        Await.until("the hook has told that the switch fired", () -> reportsOnConsole() == reports + 1);
    }

    @Test
    void a_host_that_thaws_in_time_hears_nothing_of_the_hook() {
        long reports = reportsOnConsole();
        assertThat(freeze(hooked)).isEqualTo(1);
        assertThat(thaw(hooked)).isEqualTo(1);
        hooked.awaitWriting();
        assertThat(reportsOnConsole()).isEqualTo(reports);
    }

    @Test
    void a_thaw_disarms_what_the_hook_has_armed() {
        guest.shell("echo STILLFRAME_SWITCH_SECONDS=%d > /etc/stillframe-switch.conf".formatted(NEVER.toSeconds()));
        restartAgent("-F/usr/local/lib/stillframe/fsfreeze-hook");
        try {
            GuestSwitch armed = new GuestSwitch(guest, "hook");
            guest.startInGuest("until [ -e /run/stillframe/hook ]; do usleep 1000; done; touch /run/hook.was.armed");
            assertThat(freeze(guest)).isEqualTo(2);
            assertThat(thaw(guest)).isEqualTo(2);

            Await.until("the hook was seen armed", () -> exists("/run/hook.was.armed"));
            assertThat(exists("/run/stillframe/hook")).isFalse();
            Await.until("the loop has ended", () -> armed.loop().isEmpty());
        } finally {
            restartAgent("");
        }
    }

    @Test
    void where_the_hook_cannot_arm_nothing_is_frozen() {
        guest.shell("echo STILLFRAME_SWITCH_SECONDS=soon > /etc/stillframe-switch.conf");
        restartAgent("-F/usr/local/lib/stillframe/fsfreeze-hook");
        try {
            Tool refused = Tool.run(
                    "virsh",
                    "-q",
                    "-c",
                    "qemu:///system",
                    "domfsfreeze",
                    guest.uuid().toString());
            assertThat(refused.exit()).as("%s", refused).isNotZero();
            assertThat(guest.isFrozen()).isFalse();
            guest.awaitWriting();
            assertThat(thaw(guest)).isZero();
        } finally {
            restartAgent("");
        }
    }

    /**
     * Arms and freezes, and returns when the switch is due. Where the machine is so slow that the freeze came only just
     * before that, or too late, all is done again with more time.
     *
     * @param writer whose disk is frozen
     */
    private static long frozenWith(GuestSwitch armed, String writer, IntSupplier freeze, int filesystems) {
        for (Duration time = DEADLINE; time.compareTo(LONGEST_DEADLINE) < 0; time = time.multipliedBy(2)) {
            long before = GuestSwitch.lastBeat(guest, writer).millis();
            long due = armed.arm(time);
            assertThat(due).isGreaterThanOrEqualTo(before + time.toMillis());
            int frozen = freeze.getAsInt();
            if (GuestSwitch.lastBeat(guest, writer).millis() < due - STILL.toMillis()) {
                assertThat(frozen).as("filesystems frozen").isEqualTo(filesystems);
                return due;
            }
            thaw(guest);
            armed.disarm();
        }
        throw new AssertionError("no freeze within " + LONGEST_DEADLINE);
    }

    /** The first write that a writer tells of once the deadline is past; before it there was none for long. */
    private static Beat firstWriteAfterTheFreeze(LabGuest guest, String writer, long due) {
        Await.until(
                "the writer on %s writes after %d ms".formatted(writer, due),
                () -> GuestSwitch.lastBeat(guest, writer).millis() >= due);
        List<Beat> beats = GuestSwitch.beats(guest, writer);
        int first = (int) beats.stream().takeWhile(beat -> beat.millis() < due).count();
        assertThat(due - beats.get(first - 1).millis())
                .as("how long before the deadline %s was written to for the last time", writer)
                .isGreaterThan(STILL.toMillis());
        return beats.get(first);
    }

    private static int freeze(LabGuest guest) {
        return guest.agent("{\"execute\":\"guest-fsfreeze-freeze\"}").asInt();
    }

    private static int freezeOnly(LabGuest guest, String mountpoint) {
        return guest.agent("{\"execute\":\"guest-fsfreeze-freeze-list\",\"arguments\":{\"mountpoints\":[\"%s\"]}}"
                        .formatted(mountpoint.replace("\\", "\\\\")))
                .asInt();
    }

    private static int thaw(LabGuest guest) {
        return guest.agent("{\"execute\":\"guest-fsfreeze-thaw\"}").asInt();
    }

    private static boolean exists(String path) {
        return guest.shell("ls -d %s 2> /dev/null || true".formatted(path))
                .strip()
                .equals(path);
    }

    private static void restartAgent(String arguments) {
        guest.shell("echo '%s' > /run/qga.args".formatted(arguments));
        agent.end();
        agent.bringBack();
    }

    private static long reportsOnConsole() {
        try {
            return Files.readString(hooked.directory().resolve("console.log"), StandardCharsets.ISO_8859_1)
                    .lines()
                    .filter(line -> line.contains("thawed at the switch's deadline of " + KIT_SECONDS + " s"))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
