-- name: begin_engine_run  The next epoch; the writer runs one transaction at a time, so no two starts share one.
INSERT INTO engine_run (epoch, started_at, pid, version, boot_id, mode)
SELECT coalesce(max(epoch), 0) + 1, :started_at, :pid, :version, :boot_id, :mode
FROM engine_run
WHERE true
RETURNING epoch;

-- name: end_engine_run  Notes an orderly end; an epoch without one ended by a crash.
UPDATE engine_run
SET ended_at = :ended_at, ended_how = :ended_how
WHERE epoch = :epoch AND ended_at IS NULL;
