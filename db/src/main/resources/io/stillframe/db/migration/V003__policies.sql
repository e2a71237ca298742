-- The policy that a run was asked for by; null where it was a person.
ALTER TABLE run ADD COLUMN policy VARCHAR(63);
