-- Several machines' runs whose snapshots are to be of one instant; the rest is null until it is proved that they are.
CREATE TABLE run_group (
    id              VARCHAR(12) PRIMARY KEY,
    rule            VARCHAR(20) NOT NULL,
    skew_micros     BIGINT,
    together_micros BIGINT
);

-- Known before any of the runs is begun.
CREATE TABLE run_group_member (
    run             VARCHAR(12) PRIMARY KEY,
    run_group       VARCHAR(12) NOT NULL REFERENCES run_group (id),
    position        INT NOT NULL
);

CREATE INDEX run_group_members ON run_group_member (run_group);
