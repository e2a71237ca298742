-- A quarantined run can come to an end: an operator gives it up.
DROP INDEX run_unfinished;
ALTER TABLE run DROP COLUMN unfinished;
ALTER TABLE run ADD COLUMN unfinished BOOLEAN
    GENERATED ALWAYS AS (CASE WHEN state IN ('COMPLETED', 'FAILED', 'ABANDONED', 'GIVEN_UP') THEN NULL ELSE TRUE END);
CREATE INDEX run_unfinished ON run (unfinished);
