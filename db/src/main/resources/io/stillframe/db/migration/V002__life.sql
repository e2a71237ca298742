-- What the storage needed before the snapshot; only qcow2 was there before, which needs nothing.
ALTER TABLE volume ADD COLUMN IF NOT EXISTS quiesce VARCHAR(20) DEFAULT 'NOTHING' NOT NULL;

-- A machine's runs are looked through whenever one of its snapshots goes.
CREATE INDEX run_vm ON run (vm);

-- The snapshot that the machine's images came from when this one was taken.
ALTER TABLE snapshot ADD COLUMN parent VARCHAR(12);
ALTER TABLE snapshot ADD COLUMN opened_at TIMESTAMP(6) WITH TIME ZONE;
ALTER TABLE snapshot ADD COLUMN lost BOOLEAN DEFAULT FALSE NOT NULL;
-- The unfinished job that removes it.
ALTER TABLE snapshot ADD COLUMN removal VARCHAR(12);

-- The snapshot that a machine's present images come from; null where it has none any more.
CREATE TABLE head (
    vm              UUID PRIMARY KEY,
    run             VARCHAR(12)
);

-- Until now nothing but the next snapshot moved a machine's images.
MERGE INTO snapshot
USING (
    SELECT snapshot.run AS taken,
        LAG(snapshot.run) OVER (PARTITION BY run.vm ORDER BY snapshot.taken_at, run.started_at, run.id) AS before
    FROM snapshot JOIN run ON run.id = snapshot.run
) AS lineage
ON snapshot.run = lineage.taken
WHEN MATCHED THEN UPDATE SET parent = lineage.before;

INSERT INTO head (vm, run)
SELECT run.vm, snapshot.run
FROM snapshot JOIN run ON run.id = snapshot.run
QUALIFY ROW_NUMBER() OVER (
    PARTITION BY run.vm ORDER BY snapshot.taken_at DESC, run.started_at DESC, run.id DESC) = 1;

CREATE TABLE job (
    id              VARCHAR(12) PRIMARY KEY,
    kind            VARCHAR(20) NOT NULL,
    -- the run that took it; its record in the table of that name may go before the job does
    snapshot        VARCHAR(12) NOT NULL REFERENCES run (id),
    vm              UUID NOT NULL,
    vm_name         VARCHAR NOT NULL,
    name            VARCHAR,
    state           VARCHAR(20) NOT NULL,
    version         BIGINT NOT NULL,
    started_at      TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    ended_at        TIMESTAMP(6) WITH TIME ZONE,
    error_code      VARCHAR,
    error_message   VARCHAR,
    error_hint      VARCHAR
);

-- Looked through whenever one begins.
CREATE INDEX job_vm ON job (vm);

CREATE TABLE job_change (
    job             VARCHAR(12) NOT NULL REFERENCES job (id),
    position        INT NOT NULL,
    disk            VARCHAR NOT NULL,
    driver          VARCHAR NOT NULL,
    from_name       VARCHAR NOT NULL,
    to_name         VARCHAR NOT NULL,
    format          VARCHAR NOT NULL,
    PRIMARY KEY (job, position)
);
