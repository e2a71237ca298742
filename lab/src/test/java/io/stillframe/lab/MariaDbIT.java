package io.stillframe.lab;

/** MariaDB, whose writes are held off by a global read lock from freeze to thaw. */
class MariaDbIT extends DatabaseServer {
    MariaDbIT() {
        super("mariadb", "mariadb -N -B --unbuffered", "global read lock", "ended before the thaw");
    }

    @Override
    boolean tellsOfDamage(InGuest clone) {
        return clone.shell("journalctl -b -u mariadb").matches("(?s).*(\\[ERROR]|[Cc]orrupt).*");
    }
}
