package io.stillframe.lab;

/** A process in a guest that thaws a filesystem as soon as anybody has frozen it, behind the agent's back, once. */
final class Cheat {
    private static final String THAWED = "/run/cheat.thawed";
    private static final String PID = "/run/cheat.pid";

    private final LabGuest guest;

    private Cheat(LabGuest guest) {
        this.guest = guest;
    }

    /** Lies in wait for the next freeze of a disk's filesystem. */
    static Cheat on(LabGuest guest, String disk) {
        guest.shell("rm -f %s %s".formatted(THAWED, PID));
        guest.startInGuest("echo $$ > %s; until fsfreeze --unfreeze /mnt/%s 2> /dev/null; do :; done; : > %s"
                .formatted(PID, disk, THAWED));
        Await.until(
                "the cheat lies in wait",
                () -> !guest.shell("cat %s 2> /dev/null; true".formatted(PID)).isBlank());
        return new Cheat(guest);
    }

    /** Ends it: whether it has thawed. */
    boolean end() {
        return guest.shell("kill $(cat %s) 2> /dev/null; if [ -e %s ]; then echo yes; fi".formatted(PID, THAWED))
                .strip()
                .equals("yes");
    }
}
