-- The filesystems that the freeze has to hold: what the snapshot's own disks are asked about.
CREATE TABLE held (
    run             VARCHAR(12) NOT NULL REFERENCES run (id),
    position        INT NOT NULL,
    mountpoint      VARCHAR NOT NULL,
    device          VARCHAR NOT NULL,
    type            VARCHAR NOT NULL,
    -- the disks' names in the machine's definition
    disks           VARCHAR ARRAY NOT NULL,
    PRIMARY KEY (run, position)
);
