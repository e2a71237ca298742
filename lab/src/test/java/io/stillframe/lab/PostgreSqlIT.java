package io.stillframe.lab;

/** PostgreSQL, which recovers from what a snapshot has of it. */
class PostgreSqlIT extends DatabaseServer {
    PostgreSqlIT() {
        super(
                "postgresql",
                "su -s /bin/sh postgres -c 'stdbuf -oL psql -X -A -t -q -v ON_ERROR_STOP=1 -d postgres'",
                "checkpoint made",
                "started anew");
    }

    @Override
    boolean tellsOfDamage(InGuest clone) {
        return clone.shell("cat /var/log/postgresql/*.log").matches("(?s).*(PANIC|invalid page|could not read).*");
    }
}
