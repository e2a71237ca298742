-- What the storage needed before the snapshot; only qcow2 was there before, which needs nothing.
ALTER TABLE volume ADD COLUMN IF NOT EXISTS quiesce VARCHAR(20) DEFAULT 'NOTHING' NOT NULL;
