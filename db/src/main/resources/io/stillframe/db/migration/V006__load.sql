-- What is asked for at every run, among hundreds of thousands. Each is written when a run or a job begins or ends, and
-- none while a guest is frozen: an index is left alone by an update that leaves its columns as they are.
ALTER TABLE run ADD COLUMN unfinished BOOLEAN
    GENERATED ALWAYS AS (CASE WHEN state IN ('COMPLETED', 'FAILED', 'ABANDONED') THEN NULL ELSE TRUE END);
CREATE INDEX run_unfinished ON run (unfinished);
ALTER TABLE job ADD COLUMN unfinished BOOLEAN
    GENERATED ALWAYS AS (CASE WHEN state IN ('DONE', 'FAILED') THEN NULL ELSE TRUE END);
CREATE INDEX job_unfinished ON job (unfinished);

CREATE INDEX run_vm_name ON run (vm_name);
CREATE INDEX job_vm_name ON job (vm_name);
CREATE INDEX run_started_at ON run (started_at DESC, id);
