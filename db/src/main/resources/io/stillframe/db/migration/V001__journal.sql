CREATE TABLE run (
    id              VARCHAR(12) PRIMARY KEY,
    vm              UUID NOT NULL,
    vm_name         VARCHAR NOT NULL,
    state           VARCHAR(20) NOT NULL,
    version         BIGINT NOT NULL,
    started_at      TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    -- the intent: null until it is said
    required        VARCHAR(20),
    to_freeze       INT,
    freeze_limit_micros BIGINT,
    frozen          INT,
    ended_at        TIMESTAMP(6) WITH TIME ZONE,
    consistency     VARCHAR(20),
    filesystems     INT,
    window_micros   BIGINT,
    error_code      VARCHAR,
    error_message   VARCHAR,
    error_hint      VARCHAR
);

CREATE TABLE transition (
    run             VARCHAR(12) NOT NULL REFERENCES run (id),
    version         BIGINT NOT NULL,
    state           VARCHAR(20) NOT NULL,
    at              TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    PRIMARY KEY (run, version)
);

CREATE TABLE volume (
    run             VARCHAR(12) NOT NULL REFERENCES run (id),
    disk            VARCHAR NOT NULL,
    position        INT NOT NULL,
    driver          VARCHAR NOT NULL,
    snapshot        VARCHAR NOT NULL,
    format          VARCHAR NOT NULL,
    active          VARCHAR NOT NULL,
    PRIMARY KEY (run, disk)
);

-- What is known beforehand is kept twice: once for ever, and once as the run's evidence, which its end replaces.
CREATE TABLE evidence (
    run             VARCHAR(12) NOT NULL REFERENCES run (id),
    beforehand      BOOLEAN NOT NULL,
    position        INT NOT NULL,
    name            VARCHAR NOT NULL,
    ok              BOOLEAN NOT NULL,
    detail          VARCHAR NOT NULL,
    PRIMARY KEY (run, beforehand, position)
);

-- One row for every snapshot that exists; it is there from the moment its run is journaled as SNAPSHOTTED.
CREATE TABLE snapshot (
    run             VARCHAR(12) PRIMARY KEY REFERENCES run (id),
    taken_at        TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    consistency     VARCHAR(20) NOT NULL
);
